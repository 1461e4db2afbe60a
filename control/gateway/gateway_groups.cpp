// SPDX-License-Identifier: Apache-2.0
// What the gateway gives to its groups, and what follows from their elections.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "control/gateway/gateway.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {

void Gateway::on_election_due() {
    groups_.run_elections();
    sync_rivals();
    sync_kernel_addresses();
}

void Gateway::observe_conflicts() {
    const auto senders = steering_.take_senders();
    table::Publisher* const publisher = publishing_.publisher();
    if (publisher == nullptr)
        return;
    conflicts_.observe(
        {.status = *publishing_.status(),
         .booted = publishing_.boot_in_force(*config_, link_.state().ready),
         .leases = publisher->leases(),
         .in_force = publisher->in_force(),
         .senders = senders,
         .active_by = [this](std::uint16_t lease) { return groups_.active_by(lease); },
         .now_ns = monotonic_ns()});
}

// Which VIPs are left to rivals is published like facts about the network.
void Gateway::sync_rivals() {
    std::vector<IpAddress> left = groups_.left_to_rivals();
    if (left == left_to_rivals_)
        return;
    for (const IpAddress& vip : left) {
        if (!std::ranges::binary_search(left_to_rivals_, vip))
            spdlog::warn(
                "VIP {} is left to another virtual router that advertises it; see `vipctl "
                "show groups`",
                to_string(vip));
    }
    left_to_rivals_ = std::move(left);
    tables_.request();
}

group::GatewayInputs Gateway::group_inputs(const Readiness& readiness) {
    table::Publisher* const publisher = publishing_.publisher();
    group::GatewayInputs inputs{
        .leases = publisher != nullptr ? &publisher->leases() : nullptr,
        .status = publishing_.status(),
        .in_force = publisher != nullptr ? &publisher->in_force() : nullptr,
        .dataplane_forwards = readiness.forwards(),
        .next_hops_resolved = readiness.next_hops_resolved,
        .health_known = readiness.health_known,
        .ports = {},
    };
    std::vector<net::PortFacts> ports = network_.ports();
    const std::vector<SteeredPort> unsteered = find_unsteered();
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::string& name = config_->ports[i].name;
        LinkState link =
            std::ranges::find(unsteered, name, &SteeredPort::name) != unsteered.end()
                ? LinkState{health::Verdict::kBad, "port " + name + " has just been opened"}
                : judge_link(network_.link_up(i), network_.settled(), publishing_.status(), name);
        inputs.ports.push_back({.facts = std::move(ports[i]),
                                .link = link.verdict,
                                .closed = std::move(link.closed),
                                .interface = network_.interface_name(i)});
    }
    return inputs;
}

// A port that has just been opened is ready within a moment: that is not worth an event.
void Gateway::record_port_events(const group::GatewayInputs& inputs) {
    if (!find_unsteered().empty())
        return;
    for (const group::PortInputs& port : inputs.ports) {
        const LinkState link{port.link, port.closed};
        if (std::optional<events::Event> event = port_events_.observe(port.facts.name, link))
            events_.record(std::move(*event));
    }
}

void Gateway::sync_kernel_addresses() {
    kernel_addresses_.update(
        groups_.local_vips(), [this](const IpAddress& vip) { return steering_.is_local(vip); },
        network_.managed_addresses());
}

}  // namespace vipfwd::gateway
