// SPDX-License-Identifier: Apache-2.0
#include "control/view/ports.h"

#include <algorithm>
#include <string_view>

#include "control/view/in_force.h"

namespace vipfwd::view {
namespace {

PortDisplayState display_state(const Source& source, const abi::PortStatus* status) {
    if (status == nullptr || !source.dataplane.ready)
        return PortDisplayState::kNotRunning;
    switch (static_cast<abi::PortState>(status->state.load())) {
        case abi::PortState::kUp:
            return PortDisplayState::kUp;
        case abi::PortState::kDown:
            return PortDisplayState::kDown;
        case abi::PortState::kNoInterface:
            return PortDisplayState::kNoInterface;
        case abi::PortState::kCannotOpen:
            return PortDisplayState::kCannotOpen;
        case abi::PortState::kAbsent:
            break;
    }
    return PortDisplayState::kAbsent;
}

std::optional<MacAddress> mac_of(const abi::PortStatus& status) {
    const std::uint64_t word = status.mac.load();
    if (word == 0)
        return std::nullopt;
    MacAddress mac;
    for (std::size_t i = 0; i < mac.bytes.size(); ++i)
        mac.bytes[i] = static_cast<std::uint8_t>(word >> 8 * i);
    return mac;
}

void add_status(PortRow& row, const Source& source, const abi::PortStatus* status) {
    row.state = display_state(source, status);
    row.status = status;
    if (status == nullptr)
        return;
    row.mac = mac_of(*status);
    row.mtu = status->mtu.load();
    row.unopened_queues = status->unopened_queues.load();
}

PortRow configured_port(const config::Port& port) {
    return {.name = port.name,
            .device = port.device,
            .driver = port.driver,
            .queues = port.queues,
            .addresses = port.addresses,
            .vlan = port.vlan,
            .outer_vlan = port.outer_vlan,
            .kernel_interface = port.kernel_interface};
}

PortRow former_port(const abi::PortBoot& port) {
    return {.name = port.name,
            .device = port.device,
            .driver = static_cast<abi::Driver>(port.driver),
            .queues = port.queues,
            .kernel_interface = port.kernel_interface,
            .configured = false};
}

}  // namespace

std::vector<PortRow> ports(const Source& source) {
    const abi::DataplaneStatus* status = dataplane_status(source);
    const auto boot = booted(source);
    std::vector<std::string_view> running;
    for (std::uint32_t i = 0; boot && i < boot->port_count; ++i)
        running.emplace_back(boot->ports[i].name);

    std::vector<PortRow> rows;
    for (const config::Port& port : source.config.ports) {
        const auto found = std::ranges::find(running, port.name);
        const bool runs = found != running.end();
        add_status(rows.emplace_back(configured_port(port)), source,
                   runs ? &status->ports[found - running.begin()] : nullptr);
    }
    for (std::size_t i = 0; source.dataplane.ready && i < running.size(); ++i) {
        if (std::ranges::find(source.config.ports, running[i], &config::Port::name) ==
            source.config.ports.end())
            add_status(rows.emplace_back(former_port(boot->ports[i])), source, &status->ports[i]);
    }
    return rows;
}

}  // namespace vipfwd::view
