// SPDX-License-Identifier: Apache-2.0
// The boot parameters in C++ types: what this dataplane was told by control before it started.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/region.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

struct PortPlan {
    std::string name;
    std::string device{};
    std::string output{};  // pcap: the file to write; empty: none
    abi::Driver driver = abi::Driver::kAfPacket;
    std::uint32_t queues = 1;
    std::uint32_t mtu = 0;  // 0: keep the device's
    std::optional<MacAddress> mac{};
    std::string kernel_interface{};  // name of the tap; empty: none
    std::uint32_t kernel_limit_pps = 0;
};

struct BootPlan {
    std::string gateway;
    std::uint64_t flows_per_worker = 0;
    abi::Idle idle = abi::Idle::kSpin;
    abi::Memory memory = abi::Memory::kHugepages;
    std::vector<std::uint32_t> lcores{};  // one for each worker; kAnyLcore: choose_lcores() decides
    std::vector<PortPlan> ports{};

    std::uint32_t worker_count() const { return static_cast<std::uint32_t>(lcores.size()); }
};

// Copies and validates the boot parameters. Retries for some milliseconds while the copy is
// invalid, because control may be writing.
Result<abi::BootParameters> copy_boot(const abi::ControlArea& area);

// Requires valid parameters.
BootPlan read_boot(const abi::BootParameters& boot);

enum class KernelPath {
    kReceivesToo,  // the kernel receives each packet itself (in a replay there is none): free it
    kTap,          // write the packet to a tap, a kernel interface that stands for the port
    kNone,         // drop the packet
};

// Whether the port's device is an interface of the kernel.
bool is_interface(const PortPlan& port);

// How a port passes packets to the kernel that belong to no service.
KernelPath kernel_path(const PortPlan& port);

// Makes "port 'uplink': FAULT".
Error port_error(const PortPlan& port, const std::string& fault);

}  // namespace vipfwd::host
