// SPDX-License-Identifier: Apache-2.0
#include "control/table/boot_parameters.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "dataplane/abi/validate.h"

namespace vipfwd::table {
namespace {

template <std::size_t N>
void copy_text(const std::string& text, char (&to)[N]) {
    text.copy(to, N - 1);
}

}  // namespace

abi::PortBoot boot_port(const config::Port& port) {
    abi::PortBoot boot{};
    copy_text(port.name, boot.name);
    copy_text(port.device, boot.device);
    copy_text(port.output, boot.output);
    boot.driver = static_cast<std::uint32_t>(port.driver);
    boot.queues = port.queues;
    boot.mtu = port.mtu;
    copy_text(port.kernel_interface, boot.kernel_interface);
    boot.kernel_limit_pps = port.kernel_interface.empty() ? 0 : port.kernel_limit_pps;
    if (port.mac) {
        boot.has_mac = 1;
        boot.mac = *port.mac;
    }
    return boot;
}

abi::BootParameters boot_parameters(const config::Config& config) {
    abi::BootParameters boot{};
    copy_text(config.gateway.name, boot.gateway);
    boot.worker_count = config.dataplane.workers;
    boot.port_count = static_cast<std::uint32_t>(config.ports.size());
    boot.flows_per_worker = config.dataplane.flows_per_worker;
    boot.idle = static_cast<std::uint32_t>(config.dataplane.idle);
    boot.memory = static_cast<std::uint32_t>(config.dataplane.memory);
    std::fill(std::begin(boot.lcores), std::end(boot.lcores), abi::kAnyLcore);
    std::copy(config.dataplane.lcores.begin(), config.dataplane.lcores.end(), boot.lcores);
    for (std::size_t i = 0; i < config.ports.size(); ++i)
        boot.ports[i] = boot_port(config.ports[i]);
    boot.checksum = abi::checksum_of(boot);
    return boot;
}

}  // namespace vipfwd::table
