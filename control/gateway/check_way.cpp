// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/check_way.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "control/health/target.h"
#include "control/net/interface_identity.h"
#include "control/net/port_bindings.h"

namespace vipfwd::gateway {
namespace {

std::vector<health::TunnelPort> tunnel_ports(const net::KernelNetwork& network) {
    std::vector<health::TunnelPort> ports;
    for (net::PortFacts& facts : network.ports()) {
        const auto identity = net::identify_interface(network.interface_name(ports.size()))
                                  .value_or(net::InterfaceIdentity{});
        ports.push_back({std::move(facts), identity.number, identity.mac, identity.mtu});
    }
    return ports;
}

// False for a run over captures, which must not touch the kernel.
bool has_kernel_interface(const config::Config& config) {
    return std::ranges::any_of(config.ports, [](const config::Port& port) {
        return !net::kernel_interface(port).empty();
    });
}

bool kernel_may_have(const config::Config& config, const IpAddress& vip) {
    return std::ranges::any_of(config.groups, [&vip](const config::Group& group) {
        return group.kernel_address && std::ranges::find(group.vips, vip) != group.vips.end();
    });
}

}  // namespace

CheckWay::Needs CheckWay::needs_of(const config::Config& config) {
    Needs needs;
    for (const std::optional<health::Tunnel>& tunnel : health::tunnels_of_pools(config)) {
        needs.v4 |= tunnel && tunnel->vip.is_v4();
        needs.v6 |= tunnel && !tunnel->vip.is_v4();
        needs.accept_local |= tunnel && tunnel->vip.is_v4() && kernel_may_have(config, tunnel->vip);
    }
    return needs;
}

void CheckWay::update(const config::Config& config, net::KernelNetwork& network) {
    const Needs needs = needs_of(config);
    if (!needs.v4 && !needs.v6) {
        if (state_ == State::kUsed || has_kernel_interface(config))
            stop();
        return;
    }
    auto known = std::make_shared<health::TunnelNetwork>();
    known->problem = ensure(needs, network);
    if (known->problem.empty() && !network.settled())
        known->problem = "the kernel has not told of all routes yet";
    if (known->problem.empty())
        known->map = route_.map();
    known->ports = tunnel_ports(network);
    known->next_hop = network.facts().next_hop;
    known->gue_port = config.gateway.gue_port;
    use_(std::move(known));
}

Result<std::vector<std::string>> CheckWay::ensure_all(const Needs& needs,
                                                      const net::KernelNetwork& network) {
    std::vector<std::string> interfaces;
    const std::size_t ports = network.ports().size();
    for (std::size_t port = 0; port < ports; ++port)
        interfaces.push_back(network.interface_name(port));
    if (!needs.accept_local)
        accept_local_.restore();
    else if (const Result<void> set = accept_local_.set(interfaces); !set)
        return set.error();
    return route_.ensure(needs.v4, needs.v6);
}

std::string CheckWay::ensure(const Needs& needs, const net::KernelNetwork& network) {
    const Result<std::vector<std::string>> added = ensure_all(needs, network);
    if (!added) {
        if (std::exchange(problem_, added.error().message) != problem_)
            spdlog::error("health: checks through tunnels: {}", problem_);
        return problem_;
    }
    if (state_ == State::kUsed && problem_.empty()) {
        for (const std::string& one : *added)
            spdlog::warn("health: somebody had removed the {} of checks; added it again", one);
    }
    state_ = State::kUsed;
    problem_.clear();
    return {};
}

void CheckWay::stop() {
    if (std::exchange(state_, State::kUnused) == State::kUnused)
        return;
    use_(nullptr);
    route_.remove();
    accept_local_.restore();
}

}  // namespace vipfwd::gateway
