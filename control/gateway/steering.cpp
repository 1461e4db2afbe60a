// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/steering.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace vipfwd::gateway {

void Steering::follow(std::span<const SteeredPort> ports, const net::SteeringRules& packets) {
    bool all_in_step = true;
    bool all_told = true;
    for (const SteeredPort& port : ports) {
        const Told told = tell(port, packets);
        all_told &= told == Told::kYes;
        all_in_step &= told == Told::kYes || (told == Told::kPerhaps && in_step_);
    }
    in_step_ = all_in_step;
    if (!all_told)
        return;
    local_.clear();
    for (const bpf::ListedAddress& vip : packets.vips) {
        if ((vip.flags & STEER_VIP_IS_LOCAL) != 0)
            local_.insert(vip.address);
    }
}

void Steering::reset() {
    in_step_ = false;
    local_.clear();
    problems_.clear();
}

Steering::Told Steering::tell(const SteeredPort& port, const net::SteeringRules& packets) {
    const Result<net::SteeringOutcome> outcome = sync_(port.interface, port.tags, packets);
    if (!outcome) {
        report(port.name, outcome.error().message);
        return Told::kPerhaps;
    }
    if (!outcome->attached) {
        report(port.name, "the dataplane's program is not on " + port.interface +
                              ", so the kernel takes the packets; restart the dataplane");
        return Told::kNo;
    }
    problems_.erase(port.name);
    return Told::kYes;
}

void Steering::report(const std::string& port, const std::string& problem) {
    if (std::exchange(problems_[port], problem) != problem)
        spdlog::error("port '{}': steering: {}", port, problem);
}

}  // namespace vipfwd::gateway
