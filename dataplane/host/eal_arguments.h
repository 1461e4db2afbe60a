// SPDX-License-Identifier: Apache-2.0
// What DPDK's environment abstraction layer (EAL) is told on its command line, and each of its
// devices in its arguments. Pure text.
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

// Names EAL's files: of this gateway and run directory alone, and the same at the next start.
std::string file_prefix(std::string_view gateway, std::string_view run_directory);

bool is_pci(const PortPlan& port);

std::vector<std::string> eal_arguments(const BootPlan& plan, const LcorePlan& lcores,
                                       const MemoryPlan& memory, const std::string& file_prefix);

// A device on EAL's bus "vdev" or, found by EAL itself, "pci".
struct DeviceName {
    std::string name;
    std::string arguments{};
    bool on_pci = false;
};

// What a driver is told beyond what the plan says.
struct DeviceFacts {
    std::uint32_t number = 0;  // of the port: makes the name unique
    std::uint32_t mtu = 1500;
    std::string steer_object{};  // af_xdp
    std::string input{};         // pcap: paths without a comma; empty: none
    std::string output{};
};

Result<DeviceName> name_device(const PortPlan& plan, const DeviceFacts& facts);

// The tap of port `number`, with its MAC address.
DeviceName name_tap(const PortPlan& plan, std::uint32_t number, const MacAddress& mac);

}  // namespace vipfwd::host
