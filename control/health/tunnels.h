// SPDX-License-Identifier: Apache-2.0
// What the probes through tunnels of one loop share: what is known of this machine, and the entries
// of the map by which their packets are encapsulated. Each probe that runs has one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "control/health/tunnel_path.h"

namespace vipfwd::health {

class Tunnels {
  public:
    Tunnels();
    Tunnels(const Tunnels&) = delete;
    Tunnels& operator=(const Tunnels&) = delete;

    // `network` counts from now on. The callbacks that wait for a network are called.
    void use(std::shared_ptr<const TunnelNetwork> network);
    // Null: nothing is known yet.
    const std::shared_ptr<const TunnelNetwork>& network() const { return network_; }

    // Calls `on_change` after each use(), until stop_waiting(). It must not destroy who waits.
    void wait(const void* who, std::function<void()> on_change);
    void stop_waiting(const void* who) { waiting_.erase(who); }

    // An entry of the map; nullopt: all are in use. The one that was given back first is taken: it
    // may be that the kernel still sends a packet with its mark.
    std::optional<std::uint32_t> take_index();
    void give_back(std::uint32_t index) { free_.push_back(index); }

  private:
    std::shared_ptr<const TunnelNetwork> network_;
    std::unordered_map<const void*, std::function<void()>> waiting_;
    std::deque<std::uint32_t> free_;
};

}  // namespace vipfwd::health
