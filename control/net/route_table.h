// SPDX-License-Identifier: Apache-2.0
// The addresses whose routes are tracked (backends and peers), the kernel's last answer for each,
// and which of them are due to be requested again. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "control/net/netlink_message.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

class RouteTable {
  public:
    struct Entry {
        IpAddress address;
        bool due = false;                     // to be requested
        bool answered = false;                // at least once
        bool current = false;                 // answered since track() or forget_answers()
        std::optional<RouteMessage> route;    // nullopt: there is no route
        std::optional<NeighborKey> neighbor;  // used by packets on this route; set by the caller
    };

    // Replaces the set of tracked addresses. New ones are due; one that stays keeps its answer.
    // Returns the entries of addresses no longer tracked.
    std::vector<Entry> track(std::vector<IpAddress> addresses);
    // The answers mean something else now: all addresses are due, and none is current.
    void forget_answers();

    // Sorted by address.
    const std::vector<Entry>& entries() const { return entries_; }
    // Null if the address is not tracked.
    const Entry* find(const IpAddress& address) const;

    // Stores the kernel's answer. Returns the entry, whose `neighbor` the caller may change; null
    // if the address is not tracked.
    Entry* apply_answer(const IpAddress& address, const std::optional<RouteMessage>& route);
    // True if every address has been answered since it is tracked, and since forget_answers().
    bool all_current() const { return current_count_ == entries_.size(); }

    void make_due(const IpAddress& first, const IpAddress& last);
    void make_all_due();
    bool any_due() const { return due_count_ != 0; }
    // Takes up to `limit` due addresses, round-robin, so that none starves while others become due
    // again and again.
    std::vector<IpAddress> take_due(std::size_t limit);

  private:
    std::size_t count(bool Entry::*what) const;

    std::vector<Entry> entries_;  // sorted by address
    std::size_t current_count_ = 0;
    std::size_t due_count_ = 0;
    std::size_t cursor_ = 0;  // where take_due() continues
};

}  // namespace vipfwd::net
