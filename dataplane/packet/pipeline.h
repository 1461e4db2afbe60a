// SPDX-License-Identifier: Apache-2.0
// The packet's walk: parse -> match -> track -> select -> rewrite, each stage over the whole burst.
// io receives before it and transmits and accounts after it.
#pragma once

#include "dataplane/packet/flow_table.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/tables.h"
#include "dataplane/packet/track.h"

namespace vipfwd::packet {

// Decides every packet of the burst. `now_s` only ever grows.
FlowEvents process(const Tables& tables, const FlowTable& flows, std::uint32_t now_s, Burst& burst);

}  // namespace vipfwd::packet
