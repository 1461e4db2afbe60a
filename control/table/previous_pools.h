// SPDX-License-Identifier: Apache-2.0
// Which pool of the previous generation a configured pool is: the one of its name, or one that was
// renamed. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/table/generation_tables.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// For each of config.pools its entry in `previous`, or null: it is new. A pool that is not
// configured any more has been renamed if all its services that are still configured use one pool
// that is new by its name, and most of its backends are in that pool.
std::vector<const abi::PoolEntry*> find_previous_pools(const config::Config& config,
                                                       const Tables& previous);

// The pools of `config` that have another name than in `before`, which may not be published yet, or
// without it than in `in_force`: their new names, by the former ones.
std::map<std::string, std::string> find_renamed_pools(const config::Config& config,
                                                      const config::Config* before,
                                                      const Tables& in_force);

}  // namespace vipfwd::table
