// SPDX-License-Identifier: Apache-2.0
#include "control/health/tunnels.h"

#include <utility>

namespace vipfwd::health {

Tunnels::Tunnels() {
    for (std::uint32_t index = 0; index < CHECK_MAX_PATHS; ++index)
        free_.push_back(index);
}

void Tunnels::use(std::shared_ptr<const TunnelNetwork> network) {
    network_ = std::move(network);
    const auto waiting = waiting_;  // they may stop waiting
    for (const auto& [who, on_change] : waiting)
        on_change();
}

void Tunnels::wait(const void* who, std::function<void()> on_change) {
    waiting_.emplace(who, std::move(on_change));
}

std::optional<std::uint32_t> Tunnels::take_index() {
    if (free_.empty())
        return std::nullopt;
    const std::uint32_t index = free_.front();
    free_.pop_front();
    return index;
}

}  // namespace vipfwd::health
