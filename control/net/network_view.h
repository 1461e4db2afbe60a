// SPDX-License-Identifier: Apache-2.0
// Combines the configuration and the kernel's messages into the facts that tables need, and decides
// what to request from the kernel next. Pure: the caller passes messages and a monotonic clock in
// ms.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "control/config/model.h"
#include "control/net/facts.h"
#include "control/net/interface_table.h"
#include "control/net/managed_address.h"
#include "control/net/neighbor_table.h"
#include "control/net/netlink_message.h"
#include "control/net/netlink_request.h"
#include "control/net/port_bindings.h"
#include "control/net/route_table.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

enum class HopState {
    kStatic,
    kReachable,  // confirmed by the kernel
    kStale,      // confirmed by the kernel before, but not recently
    kLost,       // the kernel's entry failed; packets still go to the last known MAC
    kResolving,
    kNoRoute,
    kNotViaPort,
    kOwnAddress,        // of this machine
    kNoStaticNeighbor,  // reached without the kernel, which needs a [[neighbor]]
    kUntracked,         // not the address of a backend or peer
};

struct Hop {
    std::optional<NextHop> hop;
    HopState state = HopState::kUntracked;
};

// The same for all backends and peers of a configuration at one moment. Never changes, so any
// thread may read it.
class Hops {
  public:
    using Tracked = std::pair<IpAddress, HopState>;

    // `tracked` are sorted by address; `next_hops` are theirs and those of static neighbors.
    Hops(std::shared_ptr<const NextHops> next_hops, std::vector<Tracked> tracked)
        : next_hops_(std::move(next_hops)), tracked_(std::move(tracked)) {}

    // What NetworkView::hop() says. Requires the address of a backend or peer.
    Hop find(const IpAddress& address) const;

  private:
    std::shared_ptr<const NextHops> next_hops_;
    std::vector<Tracked> tracked_;
};

class NetworkView {
  public:
    // Keeps what is known about addresses that are still configured. The routes of the others are
    // due; so are all if ports or static neighbors have changed.
    void configure(const config::Config& config);

    void apply(const Message& message, std::int64_t now_ms);
    // Bracket the messages of a dump.
    void begin_dump(Dump dump);
    void end_dump(Dump dump, std::int64_t now_ms);
    // Call it after a batch of the above, before any of the functions below.
    void refresh();

    // The routes that should be requested from the kernel.
    bool routes_due() const { return routes_.any_due(); }
    std::vector<IpAddress> take_routes_due(std::size_t limit) { return routes_.take_due(limit); }
    // The kernel's answer to such a request; nullopt if there is no route.
    void apply_route(const IpAddress& address, const std::optional<RouteMessage>& route,
                     std::int64_t now_ms);
    // The request failed: the route is due again.
    void retry_route(const IpAddress& address) { routes_.make_due(address, address); }
    // True if the kernel has answered for all routes by which the configuration needs next hops.
    bool routes_known() const { return routes_.all_current(); }

    std::vector<NeighborKey> take_neighbors_due(std::int64_t now_ms, std::size_t limit) {
        return neighbors_.take_due(now_ms, limit);
    }
    std::optional<std::int64_t> next_neighbor_due_ms() const { return neighbors_.next_due_ms(); }

    const PortBindings& ports() const { return ports_; }
    Hop hop(const IpAddress& address) const;
    // The next hops of all tracked addresses and static neighbors. Takes some ms for tens of
    // thousands of them if one has changed since the last call, else nothing.
    std::shared_ptr<const NextHops> next_hops();
    // Takes some ms for tens of thousands of addresses.
    Hops hops();

    // The addresses that control has added to the interfaces of ports, by the kernel's messages.
    // nullopt until the kernel has dumped all addresses once.
    std::optional<std::vector<ManagedAddress>> managed_addresses() const;

    // True if facts changed since the last call, other than by configure(). Resets it.
    bool take_changed();
    // The same for managed_addresses() and the interfaces that they are on.
    bool take_managed_changed();

  private:
    // The neighbor that packets to `address` are sent to on `route`; nullopt if its MAC need not be
    // learnt from the kernel.
    std::optional<NeighborKey> neighbor_for(const IpAddress& address,
                                            const std::optional<RouteMessage>& route) const;
    Hop hop_via(const RouteTable::Entry& entry) const;

    void note_change(bool changed);
    void note_interface_change(bool changed);
    void note_address_change(const AddressMessage& address, bool changed);

    InterfaceTable interfaces_;
    PortBindings ports_;
    NeighborTable neighbors_;
    RouteTable routes_;
    bool addresses_known_ = false;
    bool managed_changed_ = false;
    bool interfaces_changed_ = false;
    bool changed_ = false;
    std::shared_ptr<const NextHops> next_hops_;  // null: some have changed
};

}  // namespace vipfwd::net
