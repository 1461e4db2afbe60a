// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/steering.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace vipfwd::gateway {

void Steering::follow(std::span<const SteeredPort> ports, const net::SteeredPackets& packets) {
    bool all = true;
    for (const SteeredPort& port : ports)
        all &= follow_port(port, packets);
    in_step_ = all;
}

void Steering::reset() {
    in_step_ = false;
    problems_.clear();
}

bool Steering::follow_port(const SteeredPort& port, const net::SteeredPackets& packets) {
    const Result<net::SteerOutcome> outcome = sync_(port.interface, port.tags, packets);
    if (!outcome) {
        report(port.name, outcome.error().message);
        return in_step_;
    }
    if (!outcome->attached) {
        report(port.name, "the dataplane's program is not on " + port.interface +
                              ", so the kernel takes the packets; restart the dataplane");
        return false;
    }
    problems_.erase(port.name);
    return true;
}

void Steering::report(const std::string& port, const std::string& problem) {
    if (std::exchange(problems_[port], problem) != problem)
        spdlog::error("port '{}': steering: {}", port, problem);
}

}  // namespace vipfwd::gateway
