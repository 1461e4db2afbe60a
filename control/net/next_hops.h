// SPDX-License-Identifier: Apache-2.0
// Where packets to the backends go next: static [[neighbor]]s, and what the kernel says of
// interfaces, routes and neighbors, followed by rtnetlink(7) for as long as this lives.
//
// Never holds the loop up for long: changes come as notifications, and routes and neighbors are
// asked about in small portions. Without a port whose interface is the kernel's (replay) no netlink
// socket is opened and no privilege needed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "control/config/model.h"
#include "control/loop/loop.h"
#include "control/net/kernel_feed.h"
#include "control/net/network_view.h"
#include "control/net/own_address.h"
#include "control/net/questions.h"
#include "control/table/facts.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

// For people: `state` is "static", "reachable", "stale", "lost (last known)", "resolving",
// "no route", "not via a port", "no static neighbor" or "not tracked".
struct Description {
    std::optional<table::NextHop> hop;
    std::string state;
};

class NextHops {
  public:
    // `on_change` is called from the loop when settled() turns true, and from then on when facts
    // change: some 10 ms after the change, and at most every 100 ms.
    // `on_own_change` is called at once when own_addresses() changed, or an interface.
    NextHops(
        Loop& loop, std::function<void()> on_change, std::function<void()> on_own_change = [] {});

    // Follows the network for this configuration from now on. Keeps what is known.
    void configure(const config::Config& config);

    // True if the kernel has been asked about all that is configured, so that facts() lack only
    // what it does not know. Until then, tables in force know better than these facts.
    bool settled() const { return settled_; }

    // As Ports::interface_name().
    const std::string& interface_name(std::size_t port) const {
        return view_.ports().interface_name(port);
    }

    // As Ports::link_up().
    std::optional<bool> link_up(std::size_t port) const { return view_.ports().link_up(port); }

    // As NetworkView::own_addresses().
    std::optional<std::vector<OwnAddress>> own_addresses() const { return view_.own_addresses(); }

    // As they are now. `next_hop` answers as of its call, for as long as this object lives.
    table::Facts facts() const;
    Description describe(const IpAddress& address) const;

  private:
    void ask_routes();
    void ask_neighbors();
    void arm_neighbors();
    // False if it is no use to ask about others just now.
    bool ask_neighbor(const NeighborKey& neighbor);
    // Sees to it that whatever the view now wants asked is asked, and what changed is told.
    void follow_up();
    void report_missing();
    void notify();

    std::function<void()> on_change_;
    std::function<void()> on_own_change_;
    NetworkView view_;
    KernelFeed feed_;
    Questions questions_;
    Timer routes_timer_;
    Timer neighbors_timer_;
    Timer notify_timer_;
    std::int64_t neighbors_resume_ms_ = 0;
    bool settled_ = false;
    std::int64_t notified_ms_ = 0;

    // What has been logged, so that it is not again.
    std::set<std::string> missing_;  // interfaces
    std::set<int> refusals_;         // errno
};

}  // namespace vipfwd::net
