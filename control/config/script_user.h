// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config/draft.h"
#include "control/config/report.h"

namespace vipfwd::config {

// Looks `script_user` up in the machine's users, and gives it to all tracked scripts.
void find_script_user(Draft& draft, Report& report);

}  // namespace vipfwd::config
