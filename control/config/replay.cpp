// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "control/config/load.h"

namespace vipfwd::config {
namespace {

constexpr std::uint32_t kEthernetMtu = 1500;

// "out.pcap" -> "out.NAME.pcap".
std::string output_of(const std::string& output, const std::string& port_name) {
    std::filesystem::path path(output);
    path.replace_filename(path.stem().string() + "." + port_name + path.extension().string());
    return path.string();
}

// A locally administered address; `number` counts from 1.
MacAddress fixed_mac(std::size_t number) {
    return {{0x02, 0, 0, 0, 0, static_cast<std::uint8_t>(number)}};
}

// A capture is read faster than any link delivers packets: the default limit would be exceeded
// without a flood.
void lift_default_limit(Dataplane& dataplane) {
    if (dataplane.new_flows_per_s == default_new_flows_per_s(dataplane.flows_per_worker))
        dataplane.new_flows_per_s = 0;
}

void make_offline(Port& port, std::size_t number) {
    port.driver = abi::Driver::kPcap;
    port.queues = 1;
    port.kernel_interface.clear();
    if (!port.mac)
        port.mac = fixed_mac(number);
    if (port.mtu == 0)
        port.mtu = kEthernetMtu;
}

}  // namespace

Config for_replay(Config config, const std::string& input, const std::string& output) {
    config.dataplane.workers = 1;
    config.dataplane.lcores.clear();
    config.dataplane.idle = abi::Idle::kSpin;
    config.dataplane.memory = abi::Memory::kNormal;
    lift_default_limit(config.dataplane);
    if (!config.gateway.key)
        config.gateway.key = kReplayKey;
    for (Pool& pool : config.pools)
        pool.check = {};  // there is no network
    for (std::size_t i = 0; i < config.ports.size(); ++i) {
        Port& port = config.ports[i];
        make_offline(port, i + 1);
        port.device = i == 0 ? input : "";
        port.output = i == 0 ? output : output_of(output, port.name);
    }
    return config;
}

}  // namespace vipfwd::config
