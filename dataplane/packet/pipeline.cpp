// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/pipeline.h"

#include "dataplane/packet/conflict.h"
#include "dataplane/packet/gather.h"
#include "dataplane/packet/match.h"
#include "dataplane/packet/parse.h"
#include "dataplane/packet/rewrite.h"
#include "dataplane/packet/select.h"
#include "dataplane/packet/track.h"

namespace vipfwd::packet {

BurstCounts process(const Tables& tables, WorkerState& state, Moment now, Burst& burst) {
    const auto frames = burst.all_frames();
    const auto packets = burst.all_packets();
    const FlowAge age(tables.generation.header.timeouts, now.s);
    state.counts = {};
    const bool all_common = parse(frames, tables, packets);
    if (!all_common) {
        find_conflicts(tables, state, now, burst);
        gather(tables, state, now, frames, packets, burst.resumed);
    }
    match(tables, state.ownership, packets);
    if (!track(tables, state, now, age, packets))
        select(tables, state, now, age, packets);
    rewrite(tables, state, now, frames, packets);
    if (!all_common)
        state.counts.small_mtu = count_small_mtus(frames, packets);
    return state.counts;
}

}  // namespace vipfwd::packet
