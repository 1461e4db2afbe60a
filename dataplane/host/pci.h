// SPDX-License-Identifier: Apache-2.0
// A PCI device as a port.
#pragma once

#include <filesystem>
#include <string>

#include "dataplane/abi/result.h"

namespace vipfwd::host {

// "0000:01:00.0" of a device "01:00.0" or "0000:01:00.0,arguments".
std::string pci_address(const std::string& device);

// That it is there, and bound to a driver that DPDK can work with.
Result<void> check_pci(const std::string& device,
                       const std::filesystem::path& sysfs = "/sys/bus/pci");

}  // namespace vipfwd::host
