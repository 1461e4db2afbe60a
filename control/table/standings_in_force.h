// SPDX-License-Identifier: Apache-2.0
// The verdicts that tables in force stand for, by which checks go on after a restart of control.
#pragma once

#include <vector>

#include "control/config/model.h"
#include "control/health/standing.h"
#include "control/table/generation_tables.h"

namespace vipfwd::table {

// Of each backend of `config`, by its number (health::BackendNumbers). Any thread.
std::vector<health::Standing> standings_in_force(const Tables& tables,
                                                 const config::Config& config);

}  // namespace vipfwd::table
