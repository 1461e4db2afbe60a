// SPDX-License-Identifier: Apache-2.0
#include "control/api/in_force.h"

#include <algorithm>
#include <utility>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/validate.h"

namespace vipfwd::api {
namespace {

HopDescription describe(const State& state, const IpAddress& address) {
    return state.describe_hop ? state.describe_hop(address) : HopDescription{{}, "not tracked"};
}

Json port_name(const std::vector<std::string>& ports, std::uint8_t index) {
    return index < ports.size() ? Json(ports[index]) : Json();
}

std::vector<std::string> configured_ports(const State& state) {
    std::vector<std::string> names;
    for (const config::Port& port : state.config.ports)
        names.push_back(port.name);
    return names;
}

}  // namespace

const table::Tables& tables_in_force(const State& state) {
    static const table::Tables none;
    return state.publisher != nullptr ? state.publisher->in_force() : none;
}

const abi::DataplaneStatus* dataplane_status(const State& state) {
    return state.publisher != nullptr ? &state.publisher->region().status() : nullptr;
}

std::optional<abi::BootParameters> booted(const State& state) {
    const abi::DataplaneStatus* status = dataplane_status(state);
    if (status == nullptr)
        return std::nullopt;
    // A copy, because the dataplane may write at any time.
    const abi::BootParameters copy = status->booted;
    return abi::validate(copy) ? std::optional(copy) : std::nullopt;
}

std::vector<std::string> port_names(const State& state) {
    const auto boot = state.dataplane.ready ? booted(state) : std::nullopt;
    if (!boot)
        return configured_ports(state);
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < boot->port_count; ++i)
        names.emplace_back(boot->ports[i].name);
    return names;
}

table::CounterValue since(table::CounterValue value, std::uint64_t baseline_packets,
                          std::uint64_t baseline_bytes) {
    return {value.packets - std::min(value.packets, baseline_packets),
            value.bytes - std::min(value.bytes, baseline_bytes)};
}

Json next_hop(const State& state, const IpAddress& address, const abi::BackendEntry* row,
              const std::vector<std::string>& ports) {
    HopDescription now = describe(state, address);
    Json mac;
    Json port;
    if (row != nullptr && row->resolved != 0) {
        mac = to_string(row->next_hop);
        port = port_name(ports, row->port);
    } else if (row == nullptr && now.hop) {
        mac = to_string(now.hop->mac);
        port = port_name(configured_ports(state), now.hop->port);
    }
    Json hop;
    hop["resolved"] = !mac.is_null();
    hop["mac"] = std::move(mac);
    hop["port"] = std::move(port);
    hop["state"] = std::move(now.state);
    return hop;
}

}  // namespace vipfwd::api
