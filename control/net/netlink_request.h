// SPDX-License-Identifier: Apache-2.0
// Builds rtnetlink(7) requests, one message each. The kernel's answers carry the request's sequence
// number. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "control/net/netlink_message.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

// A dump lists all links, addresses or neighbors, of both families.
enum class Dump { kLinks, kAddresses, kNeighbors };

using Request = std::vector<std::byte>;

Request dump_request(Dump dump, std::uint32_t sequence);
// Looks up the route to `address`. Answered by one RouteMessage, or by an error if there is no
// route.
Request route_request(const IpAddress& address, std::uint32_t sequence);
// Makes the kernel act as if it had sent a packet to the neighbor: it creates an entry if there is
// none, and probes a neighbor that is unresolved or stale (`ip neighbor replace … use`).
Request neighbor_use_request(const NeighborKey& neighbor, std::uint32_t sequence);

// Add an address to an interface, set its remaining lifetime (kForever: none), and remove it, as
// managed_address.h describes.
inline constexpr std::uint32_t kForever = 0xffffffff;
Request address_add_request(int interface, const IpAddress& address, std::uint32_t sequence);
Request address_lifetime_request(int interface, const IpAddress& address, std::uint32_t valid_s,
                                 std::uint32_t sequence);
Request address_remove_request(int interface, const IpAddress& address, std::uint32_t sequence);

enum class Change { kAdd, kRemove };

// A rule by which packets whose mark has `mark` in the bits of `mask` are routed by `table`.
struct MarkRule {
    std::uint32_t preference = 0;
    std::uint32_t mark = 0;
    std::uint32_t mask = 0;
    std::uint32_t table = 0;
};
// Adding an equal rule or route again is refused with EEXIST. `family` is AF_INET or AF_INET6.
Request rule_request(Change change, int family, const MarkRule& rule, std::uint32_t sequence);
// The default route of `table`: to this machine itself, by the interface `loopback`.
Request local_route_request(Change change, int family, std::uint32_t table, int loopback,
                            std::uint32_t sequence);

}  // namespace vipfwd::net
