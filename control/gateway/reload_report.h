// SPDX-License-Identifier: Apache-2.0
// What the log and the status say of a reload.
#pragma once

#include <string>
#include <vector>

#include "control/plan/plan.h"

namespace vipfwd::gateway {

// Why the file at `path` was not applied: its errors, or else what it takes away.
std::vector<std::string> reasons_against(const plan::Outcome& outcome, const std::string& path);

// Logs what became of the file at `path`: its diagnostics, what changes, what waits.
void log_reload(const plan::Outcome& outcome, const std::string& path);

}  // namespace vipfwd::gateway
