// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/config/draft.h"
#include "control/config/report.h"

namespace vipfwd::config {

// Looks `script_user` up in the machine's users, and gives it to all scripts, of tracks and checks.
void find_script_user(Draft& draft, Report& report);

// The words that run the command `words` as the user; none: as this process runs.
std::vector<std::string> as_user(const std::optional<ScriptUser>& user,
                                 const std::vector<std::string>& words);

}  // namespace vipfwd::config
