// SPDX-License-Identifier: Apache-2.0
#include "control/net/managed_address.h"

#include <net/if.h>

#include <cerrno>
#include <cstring>

#include "dataplane/abi/address_text.h"

namespace vipfwd::net {
namespace {

std::string reason(int error, const ManagedAddress& managed) {
    if (error == EPERM)
        return "not permitted; run control with CAP_NET_ADMIN";
    if (error == EACCES && !managed.address.is_v4())
        return "IPv6 is disabled on the interface (sysctl net.ipv6.conf." + managed.interface +
               ".disable_ipv6)";
    return std::strerror(error);
}

}  // namespace

Result<bool> add_managed_address(NetlinkClient& kernel, const ManagedAddress& managed) {
    const int interface = static_cast<int>(if_nametoindex(managed.interface.c_str()));
    if (interface == 0)
        return Error{"there is no interface " + managed.interface};
    const int error = error_of(kernel.request([&](std::uint32_t sequence) {
        return address_add_request(interface, managed.address, sequence);
    }));
    if (error != 0 && error != EEXIST)
        return Error{"cannot add " + to_string(managed.address) + " to " + managed.interface +
                     ": " + reason(error, managed)};
    return error == 0;
}

Result<void> set_managed_address_lifetime(NetlinkClient& kernel, const ManagedAddress& managed,
                                          std::uint32_t valid_s) {
    const int interface = static_cast<int>(if_nametoindex(managed.interface.c_str()));
    if (interface == 0)
        return Error{"there is no interface " + managed.interface};
    const int error = error_of(kernel.request([&](std::uint32_t sequence) {
        return address_lifetime_request(interface, managed.address, valid_s, sequence);
    }));
    if (error != 0)
        return Error{"cannot set the lifetime of " + to_string(managed.address) + " on " +
                     managed.interface + ": " + reason(error, managed)};
    return {};
}

Result<void> remove_managed_address(NetlinkClient& kernel, const ManagedAddress& managed) {
    const int interface = static_cast<int>(if_nametoindex(managed.interface.c_str()));
    if (interface == 0)
        return {};
    const int error = error_of(kernel.request([&](std::uint32_t sequence) {
        return address_remove_request(interface, managed.address, sequence);
    }));
    if (error != 0 && error != EADDRNOTAVAIL && error != ENODEV)
        return Error{"cannot remove " + to_string(managed.address) + " from " + managed.interface +
                     ": " + reason(error, managed)};
    return {};
}

}  // namespace vipfwd::net
