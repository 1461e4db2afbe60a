// SPDX-License-Identifier: Apache-2.0
// What we ask the kernel (rtnetlink(7)), as bytes: one message, whose answers carry its sequence
// number. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "control/net/netlink_message.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

// All links, or addresses, or neighbors, of both families.
enum class Dump { kLinks, kAddresses, kNeighbors };

using Request = std::vector<std::byte>;

Request dump_request(Dump dump, std::uint32_t sequence);
// "Which way to `address`?": answered by one RouteMessage, or an error where there is none.
Request route_request(const IpAddress& address, std::uint32_t sequence);
// "Behave as if a packet had been sent to this neighbor": the kernel makes an entry if it has none,
// and asks on the wire if it does not know, or is no longer sure (`ip neighbor replace … use`).
Request neighbor_use_request(const NeighborKey& neighbor, std::uint32_t sequence);

// To give an interface an address, as own_address.h says; to say how many seconds it has it from
// now on (kForGood: until it is taken away); and to take it away.
inline constexpr std::uint32_t kForGood = 0xffffffff;
Request address_add_request(int interface, const IpAddress& address, std::uint32_t sequence);
Request address_lifetime_request(int interface, const IpAddress& address, std::uint32_t valid_s,
                                 std::uint32_t sequence);
Request address_remove_request(int interface, const IpAddress& address, std::uint32_t sequence);

}  // namespace vipfwd::net
