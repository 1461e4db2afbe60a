// SPDX-License-Identifier: Apache-2.0
// The form of a port's `device`, which depends on the driver.
#pragma once

#include <string>
#include <string_view>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/result.h"

namespace vipfwd::config {

// An error if `device` cannot be a device of `driver`, by its form.
Result<void> check_device_text(abi::Driver driver, std::string_view device);

// True if the dataplane can create a tap as the port's kernel interface. Other drivers' devices are
// kernel interfaces already (af_xdp, af_packet), or have no use for one (pcap).
bool takes_kernel_interface(abi::Driver driver);

// Equal for two texts that denote the same device, as far as the texts alone can tell.
std::string device_identity(abi::Driver driver, std::string_view device);

}  // namespace vipfwd::config
