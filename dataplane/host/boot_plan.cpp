// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/boot_plan.h"

#include <chrono>
#include <span>
#include <thread>

#include "dataplane/abi/validate.h"

namespace vipfwd::host {
namespace {

constexpr int kCopyAttempts = 10;
constexpr std::chrono::milliseconds kCopyPause(1);

PortPlan read_port(const abi::PortBoot& boot) {
    PortPlan port{
        .name = boot.name,
        .device = boot.device,
        .output = boot.output,
        .driver = static_cast<abi::Driver>(boot.driver),
        .queues = boot.queues,
        .mtu = boot.mtu,
        .kernel_interface = boot.kernel_interface,
        .kernel_limit_pps = boot.kernel_limit_pps,
    };
    if (boot.has_mac != 0)
        port.mac = boot.mac;
    return port;
}

}  // namespace

Result<abi::BootParameters> copy_boot(const abi::ControlArea& area) {
    Error last;
    for (int attempt = 0; attempt < kCopyAttempts; ++attempt) {
        const abi::BootParameters copy = area.boot;
        const Result<void> sound = abi::validate(copy);
        if (sound)
            return copy;
        last = sound.error();
        std::this_thread::sleep_for(kCopyPause);
    }
    return last;
}

BootPlan read_boot(const abi::BootParameters& boot) {
    BootPlan plan{
        .gateway = boot.gateway,
        .flows_per_worker = boot.flows_per_worker,
        .idle = static_cast<abi::Idle>(boot.idle),
        .memory = static_cast<abi::Memory>(boot.memory),
        .lcores = {boot.lcores, boot.lcores + boot.worker_count},
    };
    for (const abi::PortBoot& port : std::span(boot.ports, boot.port_count))
        plan.ports.push_back(read_port(port));
    return plan;
}

bool is_interface(const PortPlan& port) {
    return port.driver == abi::Driver::kAfXdp || port.driver == abi::Driver::kAfPacket;
}

KernelPath kernel_path(const PortPlan& port) {
    switch (port.driver) {
        case abi::Driver::kAfPacket:
        case abi::Driver::kPcap:
            return KernelPath::kReceivesToo;
        case abi::Driver::kAfXdp:  // the steering program has taken the packet from the kernel
            return KernelPath::kNone;
        case abi::Driver::kPci:
        case abi::Driver::kMemif:
        case abi::Driver::kVdev:
            return port.kernel_interface.empty() ? KernelPath::kNone : KernelPath::kTap;
    }
    return KernelPath::kNone;
}

Error port_error(const PortPlan& port, const std::string& fault) {
    return Error{"port '" + port.name + "': " + fault};
}

}  // namespace vipfwd::host
