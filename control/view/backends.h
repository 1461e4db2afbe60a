// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "control/view/in_force.h"
#include "control/view/snapshot.h"

namespace vipfwd::view {

enum class BackendDisplayState : std::uint8_t {
    kPending,  // configured, but not in force yet
    kServing,
    kDraining,
    kLast = kDraining
};

// A configured backend; valid as long as the snapshot.
struct BackendRow {
    const config::Pool& pool;
    const config::Backend& backend;
    BackendDisplayState state = BackendDisplayState::kPending;
    std::uint32_t slots = 0;  // of the pool's ring
    double share = 0;         // of the ring's slots, which is that of new flows: 0 to 1
    NextHop next_hop = {};
    table::CounterValue traffic = {};
};

// The backends of the pool of that name, or of all pools if `pool` is empty; in the order of the
// configuration. Reads all rings of these pools, see has_all_rings().
std::vector<BackendRow> backends(const Snapshot& snapshot, std::string_view pool = {});

}  // namespace vipfwd::view
