// SPDX-License-Identifier: Apache-2.0
#include "control/decap/local_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <string>

namespace vipfwd::decap {

namespace {

// IpAddress{} (none) if a gateway cannot send to the address.
IpAddress address_of(const sockaddr& general) {
    IpAddress address;
    if (general.sa_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, &general, sizeof v4);
        return IpAddress::from_v4(Be32{v4.sin_addr.s_addr});
    }
    if (general.sa_family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, &general, sizeof v6);
        if (!IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr))
            std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
    }
    return address;
}

bool is_loopback_address(const IpAddress& address) {
    const bool is_of_127 = address.is_v4() && address.bytes[12] == 127;
    return is_of_127 || std::memcmp(address.bytes.data(), &in6addr_loopback, 16) == 0;
}

// Of loopback interfaces, or of all others.
Result<std::vector<IpAddress>> addresses_of(bool loopback) {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0)
        return system_error("cannot list this host's addresses");
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(first, &freeifaddrs);
    std::vector<IpAddress> addresses;
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || ((entry->ifa_flags & IFF_LOOPBACK) != 0) != loopback)
            continue;
        const IpAddress address = address_of(*entry->ifa_addr);
        if (!address.is_none() && !is_loopback_address(address))
            addresses.push_back(address);
    }
    return addresses;
}

}  // namespace

Result<std::vector<IpAddress>> local_addresses() {
    return addresses_of(false);
}

Result<std::vector<IpAddress>> loopback_vips() {
    return addresses_of(true);
}

}  // namespace vipfwd::decap
