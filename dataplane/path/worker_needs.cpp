// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/worker_needs.h"

#include "dataplane/packet/flow_table.h"
#include "dataplane/path/handoff.h"
#include "dataplane/path/held_frames.h"
#include "dataplane/path/split.h"

namespace vipfwd::path {

// Beyond the burst that it works on, a worker keeps the fragments that it holds, frames that other
// workers handed to it, and the fragments of a packet that it splits (each can take two buffers).
host::WorkerNeeds worker_needs(const host::BootPlan& plan) {
    const std::uint32_t handed_in = plan.worker_count() > 1 ? kHandoffSlots : 0;
    return {
        .buffers = kHeldFrames + handed_in + 2 * kMostFragments,
        .flow_table_bytes =
            packet::FlowTable::bucket_count(plan.flows_per_worker) * sizeof(packet::FlowBucket),
    };
}

}  // namespace vipfwd::path
