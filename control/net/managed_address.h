// SPDX-License-Identifier: Apache-2.0
// VIPs that control adds to the kernel's interfaces, so that local programs can serve on them. Each
// is marked (kManagedAddressProtocol), so that a restarted control recognises them. Kernels before
// 5.18 keep no mark: there, addresses that a killed control leaves behind are not recognised.
//
// Such an address is for receiving only. The kernel never selects it as a source unless a program
// binds to it, adds no route but its local one, and skips duplicate address detection, because the
// election rules duplicates out.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "control/net/netlink_client.h"
#include "control/net/netlink_request.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::net {

struct ManagedAddress {
    std::string interface;
    IpAddress address;

    friend auto operator<=>(const ManagedAddress&, const ManagedAddress&) = default;
};

// False if the interface has the address already, no matter who added it.
Result<bool> add_managed_address(NetlinkClient& kernel, const ManagedAddress& managed);
// The kernel removes the address after `valid_s` seconds (at least 1), or never (kForever).
Result<void> set_managed_address_lifetime(NetlinkClient& kernel, const ManagedAddress& managed,
                                          std::uint32_t valid_s);
// Succeeds if the address, or its interface, is gone already.
Result<void> remove_managed_address(NetlinkClient& kernel, const ManagedAddress& managed);

}  // namespace vipfwd::net
