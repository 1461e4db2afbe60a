// SPDX-License-Identifier: Apache-2.0
// What the policy of a pool makes of the conditions of its backends: which of them get flows, and
// with what weight. Pure.
//
// A backend is "up" if it would serve by its own condition. `min_up` and tiers work together:
//
// 1. Needed are `min_up` backends, without it one. A percentage is of the backends of the lowest
//    tier, rounded up. Those that an operator has taken out, or that have weight 0, do not count.
// 2. If fewer are up in all tiers together, the pool fails open: all backends of all tiers serve,
//    but for those that an operator has taken out. Without `min_up` a pool never fails open.
// 3. Else the tiers from the lowest one on serve, as many of them as it takes to have as many
//    backends as needed. Backends of higher tiers stand by: they keep the flows that they have.
//
// In a pool with mode = "first" one backend serves, its writer. The others have no flows: those of
// the former writer move to the next one. A backup for the VIPs has the writer of their owner, if
// that backend is up here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "control/config/model.h"
#include "control/table/backend_state.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// A configured backend.
struct PoolMember {
    std::uint32_t tier = 1;
    std::uint32_t weight = 0;
    bool is_taken_out = false;  // by an operator or its agent
    bool was_writer = false;    // in the previous generation
    bool is_followed = false;   // it is the writer at the gateway that owns the VIPs
    // Its entry in the previous generation; null: it is new there.
    const abi::BackendEntry* previous = nullptr;
    BackendCondition condition = {};  // by itself; the policy changes the state
    // What the policy says.
    std::uint32_t ring_weight = 0;
    std::uint64_t came_up_at_ms = 0;  // see BackendEntry

    bool serves() const { return condition.state == abi::BackendState::kServing; }
    // Whether it may serve as far as configuration, operator and agent are concerned.
    bool may_serve() const { return !is_taken_out && weight > 0; }
};

struct PoolOutcome {
    // With mode = "first": the number of the backend that serves. If none is up, the one that
    // served last.
    std::optional<std::size_t> writer = {};
    std::uint32_t tier = 1;  // the highest one that gets flows
    bool fails_open = false;
};

struct PoolMoment {
    bool is_new = false;       // the pool was not in the previous generation
    std::uint64_t now_ms = 0;  // CLOCK_BOOTTIME
};

// `members` are in the order of the configuration.
PoolOutcome apply_policy(const config::Pool& pool, std::span<PoolMember> members,
                         const PoolMoment& moment);

}  // namespace vipfwd::table
