// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config/model.h"
#include "dataplane/abi/boot.h"

namespace vipfwd::table {

// The part of them for one port.
abi::PortBoot boot_port(const config::Port& port);

// The parameters that a dataplane gets if it starts with this configuration.
abi::BootParameters boot_parameters(const config::Config& config);

}  // namespace vipfwd::table
