// SPDX-License-Identifier: Apache-2.0
// The addresses that somebody sends to, which way the kernel would send, and which of them to ask
// it about again. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "control/net/netlink_message.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

class RouteTable {
  public:
    struct Route {
        IpAddress address;
        bool due = false;                     // to be asked about
        bool answered = false;                // ever
        bool current = false;                 // answered since want()
        std::optional<RouteMessage> way;      // nothing: there is no route
        std::optional<NeighborKey> neighbor;  // in use on account of this route
    };

    // Replaces the addresses; all of them are due. What is known of one stays until it is answered
    // anew. Returns the routes to addresses that are wanted no more.
    std::vector<Route> want(std::vector<IpAddress> addresses);

    // Null if the address is not wanted.
    const Route* find(const IpAddress& address) const;

    // Takes an answer in. The route, whose `neighbor` is the caller's to change; null if the
    // address is not wanted.
    Route* answer(const IpAddress& address, const std::optional<RouteMessage>& way);
    // True if every address has been answered since want().
    bool all_current() const { return current_count_ == routes_.size(); }

    void make_due(const IpAddress& first, const IpAddress& last);
    void make_all_due();
    bool any_due() const { return due_count_ != 0; }
    // Up to `limit` addresses that are due, which then no longer are. Goes round, so that none
    // starves while others become due again and again.
    std::vector<IpAddress> take_due(std::size_t limit);

  private:
    std::vector<Route> routes_;  // by address
    std::size_t current_count_ = 0;
    std::size_t due_count_ = 0;
    std::size_t cursor_ = 0;  // where to look next for one that is due
};

}  // namespace vipfwd::net
