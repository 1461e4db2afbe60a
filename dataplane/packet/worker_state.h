// SPDX-License-Identifier: Apache-2.0
// What a worker remembers from one burst to the next.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/budget.h"
#include "dataplane/packet/burst_counts.h"
#include "dataplane/packet/flow_table.h"
#include "dataplane/packet/fragment_table.h"
#include "dataplane/packet/ownership.h"

namespace vipfwd::packet {

// The same moment twice, of a clock that only goes forward.
struct Moment {
    std::uint64_t ms = 0;
    std::uint32_t s = 0;

    static constexpr Moment from_ms(std::uint64_t ms) {
        return {ms, static_cast<std::uint32_t>(ms / 1000)};
    }
};

struct WorkerState {
    FlowTable flows;
    // Those of all workers, this one's among them: only read, for what may have arrived at another
    // worker than its flow (ICMP errors, fragments).
    std::span<const FlowTable> all_flows;
    FragmentTable fragments;
    std::uint32_t worker = 0;
    Ownership ownership;
    FlowBudget new_flows;
    RateLimit icmp_errors{kIcmpErrorsPerSecond};
    BurstCounts counts;  // of the burst under way
};

}  // namespace vipfwd::packet
