// SPDX-License-Identifier: Apache-2.0
// Which connections a configuration resets, because flows that are pinned lose their backend: those
// of a service that goes to another pool, and those of a backend that leaves its pool. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/table/generation_tables.h"

namespace vipfwd::plan {

// Flows of the tables in force.
struct FlowSet {
    std::vector<std::uint32_t> keys = {};  // to count them by, see table::FlowCounting
    bool has_more_keys = false;            // that were left out
    bool has_unpinned = false;             // some are of services that do not pin them
};

// A service that goes to another pool. A pool that is renamed remains the same one, see
// table::find_previous_pools().
struct ServiceReset {
    std::string service = {};
    std::string pool = {};  // the new one
    FlowSet flows = {};
};

// A backend that leaves its pool. Its flows are those of the services that stay with the pool.
struct BackendReset {
    std::string pool = {};
    std::string backend = {};
    std::string new_pool = {};  // one that has the backend from now on; empty: there is none
    FlowSet flows = {};
};

struct Resets {
    std::vector<ServiceReset> services = {};
    std::vector<BackendReset> backends = {};
};

// So many keys take 16 rounds of the census.
inline constexpr std::size_t kMaxFlowKeys = 1024;

// What putting `after` in force resets, while the tables in force are those of `before`. Together
// they have up to kMaxFlowKeys keys.
Resets find_resets(const config::Config& before, const config::Config& after,
                   const table::Tables& in_force);

// All their keys. Those of connections that need --force come first.
std::vector<std::uint32_t> keys_of(const Resets& resets);

}  // namespace vipfwd::plan
