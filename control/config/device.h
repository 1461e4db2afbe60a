// SPDX-License-Identifier: Apache-2.0
// What a driver's `device` looks like.
#pragma once

#include <string>
#include <string_view>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/result.h"

namespace vipfwd::config {

// An error if `device` cannot be one of `driver`.
Result<void> check_device_text(abi::Driver driver, std::string_view device);

// True if the port's interface can be a tap that the dataplane makes: else it is the kernel's
// already, or there is nothing to give the kernel.
bool takes_kernel_interface(abi::Driver driver);

// Alike for two texts that name the same device, as far as one can tell without looking at it.
std::string device_identity(abi::Driver driver, std::string_view device);

}  // namespace vipfwd::config
