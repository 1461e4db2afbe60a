// SPDX-License-Identifier: Apache-2.0
#include "control/decap/local_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace vipfwd::decap {

Result<std::vector<IpAddress>> local_addresses() {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0)
        return Error{std::string("cannot list this host's addresses: ") + std::strerror(errno)};
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(first, &freeifaddrs);
    std::vector<IpAddress> addresses;
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET ||
            (entry->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        sockaddr_in socket_address;
        std::memcpy(&socket_address, entry->ifa_addr, sizeof socket_address);
        addresses.push_back(IpAddress::from_v4(Be32{socket_address.sin_addr.s_addr}));
    }
    return addresses;
}

}  // namespace vipfwd::decap
