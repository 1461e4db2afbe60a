// SPDX-License-Identifier: Apache-2.0
// A lock with a name, of which only one process in this network namespace can be the holder. It is
// an abstract Unix socket, which leaves nothing in the file system and vanishes with the process.
#pragma once

#include <optional>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

// The lock is held while the returned descriptor is open. Nullopt if another process holds it;
// waits a second for that, because a process that was just killed may still be exiting.
Result<std::optional<abi::Fd>> take_lock(const std::string& name);

std::string port_lock_name(const std::string& interface);

}  // namespace vipfwd::host
