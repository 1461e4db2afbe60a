// SPDX-License-Identifier: Apache-2.0
#include "control/net/own_address.h"

#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "dataplane/abi/address_text.h"

namespace vipfwd::net {
namespace {

std::string reason(int error, const OwnAddress& own) {
    if (error == EPERM)
        return "not permitted; run control with CAP_NET_ADMIN";
    if (error == EACCES && !own.address.is_v4())
        return "IPv6 is off there (sysctl net.ipv6.conf." + own.interface + ".disable_ipv6)";
    return std::strerror(error);
}

// The kernel's verdict: 0 or an errno.
int verdict(const std::optional<Message>& answer) {
    const auto* said = answer ? std::get_if<Acknowledgement>(&answer->body) : nullptr;
    return said != nullptr ? said->error : ENOBUFS;
}

}  // namespace

Result<bool> add_own_address(Questions& kernel, const OwnAddress& own) {
    const int interface = static_cast<int>(if_nametoindex(own.interface.c_str()));
    if (interface == 0)
        return Error{"there is no interface " + own.interface};
    const int error = verdict(kernel.ask([&](std::uint32_t sequence) {
        return address_add_request(interface, own.address, sequence);
    }));
    if (error != 0 && error != EEXIST)
        return Error{"cannot add " + to_string(own.address) + " to " + own.interface + ": " +
                     reason(error, own)};
    return error == 0;
}

Result<void> keep_own_address(Questions& kernel, const OwnAddress& own, std::uint32_t valid_s) {
    const int interface = static_cast<int>(if_nametoindex(own.interface.c_str()));
    if (interface == 0)
        return Error{"there is no interface " + own.interface};
    const int error = verdict(kernel.ask([&](std::uint32_t sequence) {
        return address_lifetime_request(interface, own.address, valid_s, sequence);
    }));
    if (error != 0)
        return Error{"cannot keep " + to_string(own.address) + " on " + own.interface + ": " +
                     reason(error, own)};
    return {};
}

Result<void> remove_own_address(Questions& kernel, const OwnAddress& own) {
    const int interface = static_cast<int>(if_nametoindex(own.interface.c_str()));
    if (interface == 0)
        return {};
    const int error = verdict(kernel.ask([&](std::uint32_t sequence) {
        return address_remove_request(interface, own.address, sequence);
    }));
    if (error != 0 && error != EADDRNOTAVAIL && error != ENODEV)
        return Error{"cannot remove " + to_string(own.address) + " from " + own.interface + ": " +
                     reason(error, own)};
    return {};
}

}  // namespace vipfwd::net
