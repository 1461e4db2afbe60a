// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/pipeline.h"

#include "dataplane/packet/gather.h"
#include "dataplane/packet/match.h"
#include "dataplane/packet/parse.h"
#include "dataplane/packet/rewrite.h"
#include "dataplane/packet/select.h"
#include "dataplane/packet/track.h"

namespace vipfwd::packet {

Events process(const Tables& tables, Memory& memory, Moment now, Burst& burst) {
    const auto frames = burst.all_frames();
    const auto packets = burst.all_packets();
    const FlowAge age(tables.generation.header.timeouts, now.s);
    memory.events = {};
    if (!parse(frames, tables, packets))
        gather(tables, memory, now, frames, packets, burst.resumed);
    match(tables, memory.ownership, packets);
    if (!track(tables, memory, now, age, packets))
        select(tables, memory, now, age, packets);
    rewrite(tables, memory, now, frames, packets);
    return memory.events;
}

}  // namespace vipfwd::packet
