// SPDX-License-Identifier: Apache-2.0
// Checks of a PCI device that is to be a port.
#pragma once

#include <filesystem>
#include <string>

#include "dataplane/abi/result.h"

namespace vipfwd::host {

// The PCI address "0000:01:00.0" in a device such as "01:00.0" or "0000:01:00.0,arguments".
std::string pci_address(const std::string& device);

// An error unless the device exists and is bound to a driver that DPDK can use.
Result<void> check_pci(const std::string& device,
                       const std::filesystem::path& sysfs = "/sys/bus/pci");

}  // namespace vipfwd::host
