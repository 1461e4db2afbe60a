// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config/model.h"
#include "dataplane/abi/boot.h"

namespace vipfwd::table {

// The parameters that a dataplane gets if it starts with this configuration.
abi::BootParameters boot_parameters(const config::Config& config);

}  // namespace vipfwd::table
