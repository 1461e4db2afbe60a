// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <vector>

#include "control/api/in_force.h"
#include "control/api/views.h"
#include "control/api/words.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

std::string_view state_word(const State& state, const abi::PortStatus* status) {
    if (status == nullptr || !state.dataplane.ready)
        return "not running";
    switch (static_cast<abi::PortState>(status->state.load())) {
        case abi::PortState::kUp:
            return "up";
        case abi::PortState::kDown:
            return "down";
        case abi::PortState::kAbsent:
            break;
    }
    return "absent";
}

Json mac(const abi::PortStatus& status) {
    const std::uint64_t word = status.mac.load();
    if (word == 0)
        return nullptr;
    MacAddress mac;
    for (std::size_t i = 0; i < mac.bytes.size(); ++i)
        mac.bytes[i] = static_cast<std::uint8_t>(word >> 8 * i);
    return to_string(mac);
}

Json mtu(const abi::PortStatus& status) {
    const std::uint64_t bytes = status.mtu.load();
    return bytes != 0 ? Json(bytes) : Json();
}

Json vlan(std::uint16_t id) {
    return id != 0 ? Json(id) : Json();
}

Json interface(const std::string& name) {
    return !name.empty() ? Json(name) : Json();
}

Json addresses(const config::Port& port) {
    Json list = Json::array();
    for (const config::InterfaceAddress& one : port.addresses)
        list.push_back(to_string(one.address) + "/" + std::to_string(one.prefix_length));
    return list;
}

Json counts(const abi::SharedCounter& packets, const abi::SharedCounter& bytes) {
    return {{"packets", packets.read()}, {"bytes", bytes.read()}};
}

// What the dataplane knows of the port; nulls and zeros if it does not run it (`status` is null).
void add_status(Json& row, const State& state, const abi::PortStatus* status) {
    static const abi::PortStatus unknown{};
    row["state"] = state_word(state, status);
    const abi::PortStatus& known = status != nullptr ? *status : unknown;
    row["mac"] = mac(known);
    row["mtu"] = mtu(known);
    row["received"] = counts(known.received_packets, known.received_bytes);
    row["transmitted"] = counts(known.transmitted_packets, known.transmitted_bytes);
    row["missed"] = known.missed_packets.read();
    row["receive_errors"] = known.receive_errors.read();
    row["transmit_errors"] = known.transmit_errors.read();
}

Json configured_port(const State& state, const config::Port& port, const abi::PortStatus* status) {
    Json row = {{"name", port.name},
                {"device", port.device},
                {"driver", word(port.driver)},
                {"queues", port.queues},
                {"addresses", addresses(port)},
                {"vlan", vlan(port.vlan)},
                {"outer_vlan", vlan(port.outer_vlan)},
                {"kernel_interface", interface(port.kernel_interface)}};
    add_status(row, state, status);
    row["configured"] = true;
    return row;
}

Json former_port(const State& state, const abi::PortBoot& port, const abi::PortStatus* status) {
    Json row = {{"name", std::string(port.name)},
                {"device", std::string(port.device)},
                {"driver", word(static_cast<abi::Driver>(port.driver))},
                {"queues", port.queues},
                {"addresses", Json::array()},
                {"vlan", nullptr},
                {"outer_vlan", nullptr},
                {"kernel_interface", interface(port.kernel_interface)}};
    add_status(row, state, status);
    row["configured"] = false;
    return row;
}

}  // namespace

Json show_ports(const State& state) {
    const abi::DataplaneStatus* status = dataplane_status(state);
    const auto boot = booted(state);
    std::vector<std::string_view> running;
    for (std::uint32_t i = 0; boot && i < boot->port_count; ++i)
        running.emplace_back(boot->ports[i].name);

    Json list = Json::array();
    for (const config::Port& port : state.config.ports) {
        const auto found = std::find(running.begin(), running.end(), port.name);
        const bool runs = found != running.end();
        list.push_back(
            configured_port(state, port, runs ? &status->ports[found - running.begin()] : nullptr));
    }
    for (std::size_t i = 0; state.dataplane.ready && i < running.size(); ++i) {
        const auto is_it = [&](const config::Port& port) { return port.name == running[i]; };
        if (std::none_of(state.config.ports.begin(), state.config.ports.end(), is_it))
            list.push_back(former_port(state, boot->ports[i], &status->ports[i]));
    }
    return list;
}

}  // namespace vipfwd::api
