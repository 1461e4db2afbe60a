// SPDX-License-Identifier: Apache-2.0
// Which pools a generation has to be rebuilt for, when only what is known of backends has changed.
// Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "control/config/model.h"
#include "control/table/build.h"
#include "control/table/generation_tables.h"

namespace vipfwd::table {

// The numbers of the pools whose entries may differ from those in `tables`, which were built with
// `before`, if they are built with `now`: because of a check, an agent, an operator, or the time
// (slow starts, and flows that move at a deadline). Both have standings, of the configuration that
// `tables` were built from, and choices.
std::vector<std::size_t> find_changed_pools(const config::Config& config, const Tables& tables,
                                            const Conditions& before, const Conditions& now);

}  // namespace vipfwd::table
