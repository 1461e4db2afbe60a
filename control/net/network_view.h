// SPDX-License-Identifier: Apache-2.0
// From what the configuration and the kernel say to the facts that tables need, and to what the
// kernel should be asked next. Pure: the caller brings messages and a monotonic clock in ms.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "control/config/model.h"
#include "control/net/interfaces.h"
#include "control/net/neighbor_table.h"
#include "control/net/netlink_message.h"
#include "control/net/netlink_request.h"
#include "control/net/own_address.h"
#include "control/net/ports.h"
#include "control/net/route_table.h"
#include "control/table/facts.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

enum class HopState {
    kStatic,
    kReachable,  // the kernel vouches for it
    kStale,      // the kernel did, not long ago
    kLost,       // the kernel gave it up; still forwarding to the last known MAC
    kResolving,
    kNoRoute,
    kNotViaPort,
    kNoStaticNeighbor,  // beside the kernel, where a [[neighbor]] is needed
    kUntracked,         // not an address that is tracked
};

struct Hop {
    std::optional<table::NextHop> hop;
    HopState state = HopState::kUntracked;
};

class NetworkView {
  public:
    // Keeps what is known of what is still configured. All backends' routes are due after.
    void configure(const config::Config& config);

    void apply(const Message& message, std::int64_t now_ms);
    // Between the two come all messages of a dump.
    void begin_dump(Dump dump);
    void end_dump(Dump dump, std::int64_t now_ms);
    // To be called after a batch of the above, before any answer is taken from here.
    void refresh();

    // Routes that the kernel should be asked about.
    bool routes_due() const { return routes_.any_due(); }
    std::vector<IpAddress> take_routes_due(std::size_t limit) { return routes_.take_due(limit); }
    // The kernel's answer about one of them; nothing if there is no route.
    void answer(const IpAddress& address, const std::optional<RouteMessage>& way,
                std::int64_t now_ms);
    // It could not be asked; it is due again.
    void ask_again(const IpAddress& address) { routes_.make_due(address, address); }
    // True if all have been answered since configure().
    bool routes_known() const { return routes_.all_current(); }

    std::vector<NeighborKey> take_neighbors_due(std::int64_t now_ms, std::size_t limit) {
        return neighbors_.take_due(now_ms, limit);
    }
    std::optional<std::int64_t> next_neighbor_due_ms() const { return neighbors_.next_due_ms(); }

    const Ports& ports() const { return ports_; }
    Hop hop(const IpAddress& address) const;

    // Those that we have set, by all that is known, on the interfaces of ports. Nothing before the
    // kernel has told all addresses once.
    std::optional<std::vector<OwnAddress>> own_addresses() const;

    // True if facts changed since the last call, other than by configure().
    bool take_changed();
    // The same of own_addresses(), with all that they depend on.
    bool take_own_changed();

  private:
    // The neighbor to which packets that go `way` are sent, if it has to be learnt.
    std::optional<NeighborKey> neighbor_on(const IpAddress& address,
                                           const std::optional<RouteMessage>& way) const;
    Hop hop_by(const RouteTable::Route& route) const;

    void interfaces_differ(bool differ);
    void address_differs(const AddressMessage& address, bool differs);

    Interfaces interfaces_;
    Ports ports_;
    NeighborTable neighbors_;
    RouteTable routes_;
    bool addresses_known_ = false;
    bool own_changed_ = false;
    bool interfaces_changed_ = false;
    bool changed_ = false;
};

}  // namespace vipfwd::net
