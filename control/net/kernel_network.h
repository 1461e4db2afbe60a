// SPDX-License-Identifier: Apache-2.0
// The kernel's view of the network, followed by rtnetlink(7) for as long as this object lives: next
// hops of backends and peers, facts of ports (addresses, MTU, link state), and the VIPs that
// control has added to interfaces. Static [[neighbor]]s of the configuration are merged in.
//
// Never blocks the loop for long: changes arrive as notifications, and routes and neighbors are
// requested in small batches. If no port has a kernel interface (replay), no netlink socket is
// opened and no privilege is needed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "control/config/model.h"
#include "control/loop/loop.h"
#include "control/net/facts.h"
#include "control/net/kernel_feed.h"
#include "control/net/managed_address.h"
#include "control/net/netlink_client.h"
#include "control/net/network_view.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

class KernelNetwork {
  public:
    // How long a new configuration waits for the kernel's answers, once the kernel has told of all
    // interfaces. Answers take some 5 us each; the kernel may be out of memory.
    static constexpr std::int64_t kAnswerTimeout_ms = 2000;

    // `on_change` is called from the loop when settled() turns true, and after that whenever facts
    // change: about 10 ms after the change, and at most every 100 ms.
    // `on_managed_change` is called without that delay, when managed_addresses() or an interface
    // changed.
    KernelNetwork(
        Loop& loop, std::function<void()> on_change,
        std::function<void()> on_managed_change = [] {});

    // Follows the network for this configuration from now on. What is known already is kept.
    void configure(const config::Config& config);

    // True once the kernel has answered for every configured address: facts() then lack only what
    // the kernel itself does not know. Before that, the tables in force are more complete. An
    // address that stays configured is not waited for again, and a new one for kAnswerTimeout_ms.
    bool settled() const { return settled_; }

    // See PortBindings::interface_name().
    const std::string& interface_name(std::size_t port) const {
        return view_.ports().interface_name(port);
    }

    // See PortBindings::link_up().
    std::optional<bool> link_up(std::size_t port) const { return view_.ports().link_up(port); }

    // See NetworkView::managed_addresses().
    std::optional<std::vector<ManagedAddress>> managed_addresses() const {
        return view_.managed_addresses();
    }

    // The facts of this moment. Any thread may use them. See NetworkView::next_hops().
    Facts facts();
    // Those of them that concern ports.
    std::vector<PortFacts> ports() const { return view_.ports().facts(); }
    Hop hop(const IpAddress& address) const { return view_.hop(address); }
    // See NetworkView::hops().
    Hops hops() { return view_.hops(); }

  private:
    void request_routes();
    void probe_neighbors();
    void arm_neighbors_timer();
    // False if the kernel refuses for a reason that concerns every neighbor: stop for now.
    bool probe_neighbor(const NeighborKey& neighbor);
    // Requests whatever the view now needs from the kernel, and reports changes.
    void follow_up();
    void give_up_waiting();
    void log_missing_interfaces();
    void notify();

    std::function<void()> on_change_;
    std::function<void()> on_managed_change_;
    NetworkView view_;
    KernelFeed feed_;
    NetlinkClient netlink_;
    Timer routes_timer_;
    Timer neighbors_timer_;
    Timer notify_timer_;
    Timer answer_timer_;  // armed while a configuration waits for answers
    std::int64_t neighbors_resume_ms_ = 0;
    bool settled_ = false;
    std::int64_t notified_ms_ = 0;

    // Logged already; each is logged once.
    std::set<std::string> missing_;  // interfaces
    std::set<int> refusals_;         // errno
};

}  // namespace vipfwd::net
