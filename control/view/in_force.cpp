// SPDX-License-Identifier: Apache-2.0
#include "control/view/in_force.h"

#include <algorithm>

#include "dataplane/abi/validate.h"

namespace vipfwd::view {
namespace {

std::optional<std::string> port_name(const std::vector<std::string>& ports, std::uint8_t index) {
    return index < ports.size() ? std::optional(ports[index]) : std::nullopt;
}

std::vector<std::string> configured_ports(const config::Config& config) {
    std::vector<std::string> names;
    for (const config::Port& port : config.ports)
        names.push_back(port.name);
    return names;
}

}  // namespace

const table::Tables& tables_in_force(const Source& source) {
    static const table::Tables none;
    return source.publisher != nullptr ? source.publisher->in_force() : none;
}

const abi::DataplaneStatus* dataplane_status(const Source& source) {
    return source.publisher != nullptr ? &source.publisher->region().status() : nullptr;
}

std::optional<abi::BootParameters> booted(const Source& source) {
    const abi::DataplaneStatus* status = dataplane_status(source);
    if (status == nullptr)
        return std::nullopt;
    // Validate a copy, because the dataplane may write at any time.
    const abi::BootParameters copy = status->booted;
    return abi::validate(copy) ? std::optional(copy) : std::nullopt;
}

std::vector<std::string> port_names(const Source& source) {
    const auto boot = source.dataplane.ready ? booted(source) : std::nullopt;
    if (!boot)
        return configured_ports(source.config);
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

NextHop next_hop(const net::Hop& now, const config::Config& config, const abi::BackendEntry* row,
                 const std::vector<std::string>& ports) {
    NextHop hop{.state = now.state};
    if (row != nullptr && row->resolved != 0) {
        hop.mac = row->next_hop;
        hop.port = port_name(ports, row->port);
    } else if (row == nullptr && now.hop) {
        hop.mac = now.hop->mac;
        hop.port = port_name(configured_ports(config), now.hop->port);
    }
    return hop;
}

net::Hop hop_now(const Source& source, const IpAddress& address) {
    return source.find_hop ? source.find_hop(address) : net::Hop{};
}

bool is_own_address(const Source& source, const IpAddress& address) {
    return hop_now(source, address).state == net::HopState::kOwnAddress;
}

}  // namespace vipfwd::view
