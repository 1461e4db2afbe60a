// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/pipeline.h"

#include "dataplane/packet/match.h"
#include "dataplane/packet/parse.h"
#include "dataplane/packet/rewrite.h"
#include "dataplane/packet/select.h"

namespace vipfwd::packet {

FlowEvents process(const Tables& tables, const FlowTable& flows, std::uint32_t now_s,
                   Burst& burst) {
    const auto packets = burst.all_packets();
    FlowEvents events;
    parse(burst.all_frames(), tables, packets);
    match(tables, packets);
    track(tables, flows, now_s, packets, events);
    select(tables, flows, now_s, packets, events);
    rewrite(tables, burst.all_frames(), packets);
    return events;
}

}  // namespace vipfwd::packet
