// SPDX-License-Identifier: Apache-2.0
// A name that one process of this network namespace holds at a time (an abstract Unix socket: it
// leaves nothing in the file system, and goes with its process however that ends).
#pragma once

#include <optional>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

// Nothing if another process has it. One that was just killed is given a second to be gone.
Result<std::optional<abi::Fd>> take_lock(const std::string& name);

std::string port_lock_name(const std::string& interface);

}  // namespace vipfwd::host
