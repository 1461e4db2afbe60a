// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "control/view/in_force.h"
#include "control/view/snapshot.h"

namespace vipfwd::view {

enum class BackendDisplayState : std::uint8_t {
    kPending,  // configured, but not in force yet
    kServing,
    kDraining,
    kDown,  // it gets no flows: its checks fail or have had no result yet, or it is in maintenance
    kStandby,   // it could serve, but the policy of its pool gives all flows to others
    kFailOpen,  // it serves although it is down, because too few backends of its pool are up
    kLast = kFailOpen
};

BackendDisplayState state_of(const abi::BackendEntry& entry);

struct BackendCount {
    std::size_t serving = 0;  // including those that serve although they are down
    std::size_t draining = 0;
    std::size_t down = 0;
    std::size_t standby = 0;

    std::size_t all() const { return serving + draining + down + standby; }
};

// Of a pool in force, without retired ones; all zero if there is no such pool.
BackendCount count_backends(const table::Tables& tables, std::string_view pool);
BackendCount count_backends(const table::Tables& tables, const abi::PoolEntry& pool);

// A configured backend; valid as long as the snapshot.
struct BackendRow {
    const config::Pool& pool;
    const config::Backend& backend;
    // In force: the configured one or an operator's choice, or less of it in a slow start.
    std::uint32_t weight = 0;
    bool starts_slowly = false;
    abi::BackendAdmin admin = abi::BackendAdmin::kReady;
    BackendDisplayState state = BackendDisplayState::kPending;
    std::uint32_t slots = 0;  // of the pool's ring
    double share = 0;         // of the ring's slots, which is that of new flows: 0 to 1
    NextHop next_hop = {};
    table::CounterValue traffic = {};
    // Of a draining backend: as of the last census, see table::DrainingFlows. nullopt: not known.
    std::optional<std::uint64_t> flows_left = {};
    // What its check has found out, as a part of what all have. Null: it has no check, or the check
    // has not begun.
    std::shared_ptr<const health::CheckView> check = nullptr;
};

// The backends of the pool of that name, or of all pools if `pool` is empty; in the order of the
// configuration. Reads all rings of these pools, see has_all_rings().
std::vector<BackendRow> backends(const Snapshot& snapshot, std::string_view pool = {});

}  // namespace vipfwd::view
