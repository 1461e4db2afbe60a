// SPDX-License-Identifier: Apache-2.0
// What the gateway shows of itself.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "control/gateway/gateway.h"
#include "control/table/boot_parameters.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {

view::Source Gateway::view() const {
    const std::int64_t now_ns = monotonic_ns();
    return {
        .config = *config_,
        .config_path = options_.config_path,
        .warnings = warnings_,
        .waiting = waiting_,
        .reload_errors = reload_errors_,
        .steering_problems = steering_.problems(),
        .publisher = publishing_.publisher(),
        .find_hop = [this](const IpAddress& address) { return network_.hop(address); },
        .dataplane = dataplane_connection(),
        .standings = standings_.get(),
        .groups = group_status(),
        .conflicts = conflicts_.warnings(now_ns),
        .polls_before = poll_history_.before(),
        .losses_before = loss_history_.before(),
        .uptime_s = static_cast<std::uint64_t>((now_ns - started_at_ns_) / kNanosecondsPerS),
        .now_ns = static_cast<std::uint64_t>(now_ns),
        .now_s = boottime_s(),
    };
}

view::Snapshot Gateway::snapshot() {
    auto hops = std::make_shared<const net::Hops>(network_.hops());
    view::Snapshot snapshot = view::take_snapshot(
        view(), config_,
        [hops = std::move(hops)](const IpAddress& address) { return hops->find(address); });
    snapshot.draining_flows = publishing_.draining_flows();
    snapshot.checks = [this] { return checks_.views(); };
    snapshot.events = [this](const events::Query& query) { return events_.find(query); };
    return snapshot;
}

std::vector<group::GroupStatus> Gateway::group_status() const {
    std::vector<group::GroupStatus> all = groups_.status();
    for (group::GroupStatus& status : all) {
        const auto configured =
            std::ranges::find(config_->groups, status.name, &config::Group::name);
        if (configured != config_->groups.end() && configured->kernel_address)
            status.kernel_address = kernel_addresses_.status_of(status.name);
    }
    peer_link_.add_warnings(all, monotonic_ns());
    return all;
}

bool Gateway::boot_differs() const {
    return publishing_.boot_in_force(*wanted_, link_.state().ready).checksum !=
           table::boot_parameters(*wanted_).checksum;
}

namespace {

view::DataplaneConnection::Change change_of(const DataplaneLink::Announced& announced) {
    const auto since_request_us = [&](std::int64_t ns) {
        return static_cast<std::uint64_t>(ns - announced.requested_ns) / 1000;
    };
    view::DataplaneConnection::Change change{
        .generation = announced.generation,
        .published_us = since_request_us(announced.published_ns)};
    if (announced.acknowledged_ns)
        change.acknowledged_us = since_request_us(*announced.acknowledged_ns);
    return change;
}

}  // namespace

view::DataplaneConnection Gateway::dataplane_connection() const {
    const DataplaneLink::State& link = link_.state();
    view::DataplaneConnection connection{
        .connected = link.connected,
        .ready = link.ready,
        .pid = link.pid,
        .acknowledged_generation = link.acknowledged_generation,
        .publish_pending = publishing_.pending(),
        .boot_differs = boot_differs(),
    };
    if (link.announced)
        connection.last_change = change_of(*link.announced);
    if (link.rejected_generation != 0)
        connection.rejected = {link.rejected_generation, link.rejected_reason};
    return connection;
}

}  // namespace vipfwd::gateway
