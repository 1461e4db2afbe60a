// SPDX-License-Identifier: Apache-2.0
// Files that control trusts must not be in the hands of other users, who could make root run what
// they like: neither the file, nor any directory or symbolic link on the way to it (as sshd's
// StrictModes demands of its files).
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>

#include "control/config/draft.h"
#include "control/config/report.h"

namespace vipfwd::config {

// How a user other than root and the `owners` could change what is found at `path`, and what to do
// about it; nullopt if none can. In a directory with the sticky bit, such as /tmp, others cannot
// replace the entries of an owner. A file that does not exist is one that others may create, or
// none.
std::optional<std::string> other_writer(const std::string& path, std::span<const uid_t> owners);

// Reports the configuration's own file and, if there is a `draft`, the secrets and the programs of
// tracked scripts that it names, if others could change them. The arguments of scripts are not
// looked at.
void check_writers(const Draft* draft, const std::string& config_path, Report& report);

}  // namespace vipfwd::config
