// SPDX-License-Identifier: Apache-2.0
// The packet's walk: parse -> gather -> match -> track -> select -> rewrite, each stage over the
// whole burst. io receives before it and transmits and accounts after it.
#pragma once

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Decides every packet of the burst.
BurstCounts process(const Tables& tables, WorkerState& state, Moment now, Burst& burst);

}  // namespace vipfwd::packet
