// SPDX-License-Identifier: Apache-2.0
// What the packet core keeps for a worker from one burst to the next.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/budget.h"
#include "dataplane/packet/burst_counts.h"
#include "dataplane/packet/conflict.h"
#include "dataplane/packet/error_shares.h"
#include "dataplane/packet/flow_table.h"
#include "dataplane/packet/fragment_table.h"
#include "dataplane/packet/outer_ids.h"
#include "dataplane/packet/ownership.h"
#include "dataplane/packet/unpinned_flows.h"

namespace vipfwd::packet {

// One time in two units, of a monotonic clock.
struct Moment {
    std::uint64_t ms = 0;
    std::uint32_t s = 0;

    static constexpr Moment from_ms(std::uint64_t ms) {
        return {ms, static_cast<std::uint32_t>(ms / 1000)};
    }
};

struct WorkerState {
    FlowTable flows;
    // The flow tables of all workers, including this one's. Only read (FlowTable::peek), for ICMP
    // errors and fragments, which may reach another worker than their flow.
    std::span<const FlowTable> all_flows;
    FragmentTable fragments;
    std::uint32_t worker = 0;
    Ownership ownership;
    FlowBudget new_flows;
    UnpinnedFlows unpinned;
    OuterIds outer_ids;
    ErrorShares icmp_errors;
    BurstCounts counts;       // of the current burst
    ConflictNotes conflicts;  // of the last burst that was not all common
};

}  // namespace vipfwd::packet
