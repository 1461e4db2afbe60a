// SPDX-License-Identifier: Apache-2.0
// The command line of DPDK's environment abstraction layer (EAL), and the names and arguments of
// its devices, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/cpus.h"
#include "dataplane/host/memory_plan.h"

namespace vipfwd::host {

// The prefix of the names of EAL's files: unique to this gateway and run directory, and the same
// after a restart.
std::string file_prefix(std::string_view gateway, std::string_view run_directory);

bool is_pci(const PortPlan& port);

std::vector<std::string> eal_arguments(const BootPlan& plan, const LcorePlan& lcores,
                                       const MemoryPlan& memory, const std::string& file_prefix);

// A device on EAL's bus "vdev", or one on its bus "pci", which EAL finds itself.
struct DeviceName {
    std::string name;
    std::string arguments{};
    bool on_pci = false;
};

// What a driver needs to know besides the plan.
struct DeviceFacts {
    std::uint32_t number = 0;  // of the port; makes the device name unique
    std::uint32_t mtu = 1500;
    std::string steer_object{};  // af_xdp: file of the steering program
    std::string input{};         // pcap: path without a comma; empty: none
    std::string output{};
};

Result<DeviceName> name_device(const PortPlan& plan, const DeviceFacts& facts);

// The tap of port `number`, which has the port's MAC address `mac`.
DeviceName name_tap(const PortPlan& plan, std::uint32_t number, const MacAddress& mac);

}  // namespace vipfwd::host
