// SPDX-License-Identifier: Apache-2.0
// Locks that keep two dataplanes apart. Each is a file (abi/file_lock.h):
//
//   dataplane.lock   in the run directory: one dataplane per run directory
//   port-N-I.lock    in lock_directory(): one dataplane per kernel interface, of all run
//                    directories; N is the network namespace, I the index of the interface in it
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "dataplane/abi/file_lock.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

// Takes the lock `name` in `directory`, which is created with `mode` if it is missing, and must not
// be writable by other users. Nullopt if another process holds it; waits a second for that, because
// a process that was just killed may still be exiting.
Result<std::optional<abi::FileLock>> take_lock(const std::string& directory,
                                               const std::string& name, mode_t mode);

Result<std::optional<abi::FileLock>> lock_run_directory(const std::string& run_directory);
Result<std::optional<abi::FileLock>> lock_interface(const std::string& interface);

// $VIPFWD_LOCK_DIR, else /run/vipfwd-locks for root, else vipfwd-locks in $XDG_RUNTIME_DIR. All
// dataplanes that may use the same interfaces must have the same one.
Result<std::string> lock_directory();

}  // namespace vipfwd::host
