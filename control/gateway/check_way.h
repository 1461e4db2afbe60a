// SPDX-License-Identifier: Apache-2.0
// Keeps the way of health checks through tunnels: sets up what they need in the kernel while the
// configuration has any, and tells them what is known of the network.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/config/model.h"
#include "control/health/tunnel_path.h"
#include "control/net/accept_local.h"
#include "control/net/check_route.h"
#include "control/net/kernel_network.h"
#include "dataplane/abi/result.h"

namespace vipfwd::gateway {

class CheckWay {
  public:
    // `use` gets what checks need to know; null: none goes through a tunnel.
    explicit CheckWay(std::function<void(std::shared_ptr<const health::TunnelNetwork>)> use)
        : use_(std::move(use)) {}

    // Call it when the configuration or the network has changed, and each second: restores what
    // somebody has removed.
    void update(const config::Config& config, net::KernelNetwork& network);
    // Removes everything from the kernel.
    void stop();

  private:
    enum class State { kUnknown, kUnused, kUsed };  // unknown: a former control may have left it

    struct Needs {
        bool v4 = false;
        bool v6 = false;
        bool accept_local = false;
    };

    static Needs needs_of(const config::Config& config);
    // Returns why checks cannot use it; empty: they can.
    std::string ensure(const Needs& needs, const net::KernelNetwork& network);
    Result<std::vector<std::string>> ensure_all(const Needs& needs,
                                                const net::KernelNetwork& network);

    std::function<void(std::shared_ptr<const health::TunnelNetwork>)> use_;
    net::CheckRoute route_;
    net::AcceptLocal accept_local_;
    State state_ = State::kUnknown;
    std::string problem_;  // as it was logged last
};

}  // namespace vipfwd::gateway
