// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/steering.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace vipfwd::gateway {

std::vector<SteeredPort> steered_ports(const config::Config& config,
                                       const abi::DataplaneStatus& status) {
    const auto running = abi::ports_of(status.booted);
    std::vector<SteeredPort> ports;
    for (const config::Port& port : config.ports) {
        const auto found = std::ranges::find_if(running, [&](const abi::PortBoot& one) {
            return port.device == one.device &&
                   one.driver == static_cast<std::uint32_t>(port.driver);
        });
        if (found == running.end() || port.driver != abi::Driver::kAfXdp)
            continue;
        const abi::PortStatus& now = status.ports[found - running.begin()];
        if (abi::is_open(static_cast<abi::PortState>(now.state.load())))
            ports.push_back(
                {port.name, port.device, {port.vlan, port.outer_vlan}, now.openings.load()});
    }
    return ports;
}

void Steering::sync(std::span<const SteeredPort> ports, const net::SteeringRules& rules) {
    bool all_in_sync = true;
    bool all_updated = true;
    for (const SteeredPort& port : ports) {
        const Outcome outcome = sync_port(port, rules);
        all_updated &= outcome == Outcome::kInSync;
        all_in_sync &= outcome == Outcome::kInSync ||
                       (outcome == Outcome::kUnknown && in_sync_ && covers(port));
    }
    in_sync_ = all_in_sync;
    ports_.assign(ports.begin(), ports.end());
    std::erase_if(problems_, [&](const auto& one) {
        return std::ranges::find(ports, one.first, &SteeredPort::name) == ports.end();
    });
    if (!all_updated)
        return;
    local_vips_.clear();
    for (const bpf::ListedAddress& vip : rules.vips) {
        if ((vip.flags & STEER_VIP_IS_LOCAL) != 0)
            local_vips_.insert(vip.address);
    }
}

std::vector<std::string> Steering::problems() const {
    std::vector<std::string> all;
    for (const auto& [port, problem] : problems_)
        all.push_back("port " + port + ": " + problem);
    return all;
}

void Steering::reset() {
    in_sync_ = false;
    ports_.clear();
    local_vips_.clear();
    problems_.clear();
}

Steering::Outcome Steering::sync_port(const SteeredPort& port, const net::SteeringRules& rules) {
    const Result<net::SteeringOutcome> outcome = sync_program_(port.interface, port.tags, rules);
    if (!outcome) {
        report(port.name, outcome.error().message);
        return Outcome::kUnknown;
    }
    if (!outcome->attached) {
        report(port.name, "the dataplane's program is not attached to " + port.interface +
                              ", so the kernel takes the packets");
        return Outcome::kMissing;
    }
    for (const bpf::VipSender& sender : outcome->senders)
        senders_.emplace_back(port.name, sender);
    problems_.erase(port.name);
    return Outcome::kInSync;
}

void Steering::report(const std::string& port, const std::string& problem) {
    if (std::exchange(problems_[port], problem) != problem)
        spdlog::error("port '{}': steering: {}", port, problem);
}

}  // namespace vipfwd::gateway
