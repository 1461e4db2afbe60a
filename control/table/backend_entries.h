// SPDX-License-Identifier: Apache-2.0
// Which entries of the tables belong to the backends of a configured pool.
#pragma once

#include <vector>

#include "control/config/model.h"
#include "control/table/generation_tables.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// The entries of a configured pool's backends, in the order of the configuration; null for a
// backend that is not in the tables (yet).
std::vector<const abi::BackendEntry*> backend_entries(const Tables& tables,
                                                      const config::Pool& pool);

}  // namespace vipfwd::table
