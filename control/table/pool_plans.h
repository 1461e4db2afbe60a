// SPDX-License-Identifier: Apache-2.0
// Decides for all pools of a generation which backend gets which index, within the limits of the
// region.
//
// A removed backend keeps its index, retired, as long as a flow may name it. If that needs more
// room than there is, backends take over indices of retired ones, those retired longest ago first:
// the flows that still name them have lost their backend anyway, and move. If that is not
// sufficient, pools are numbered anew. So only configured backends count towards the limits.
#pragma once

#include <cstdint>
#include <vector>

#include "control/config/model.h"
#include "control/table/backend_indices.h"
#include "control/table/generation_tables.h"
#include "dataplane/abi/result.h"

namespace vipfwd::table {

struct PoolPlan {
    // Null: the pool is new, or counts as new, because its backends are all replaced or numbered
    // anew. With its new salt its services have other tags, so that no flow can name the indices of
    // the former backends.
    const abi::PoolEntry* previous = nullptr;
    BackendIndices indices;
};

// The plans of config.pools. They refer to `previous`. `is_free` as for assign_indices(). An error
// names the limit that the configured backends exceed.
Result<std::vector<PoolPlan>> plan_pools(const config::Config& config, const Tables& previous,
                                         const IsFree& is_free);

// The plan of a pool whose backends are those that `previous` was built for: `entry` is its entry
// there. No index that is retired is given back.
PoolPlan keep_indices(const config::Pool& pool, const Tables& previous,
                      const abi::PoolEntry& entry);

}  // namespace vipfwd::table
