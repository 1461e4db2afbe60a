// SPDX-License-Identifier: Apache-2.0
// The stages that decide a burst, in order: parse -> gather -> match -> track -> select -> rewrite.
// Each stage processes the whole burst before the next one begins. dataplane/io receives the burst
// before, dataplane/path transmits and accounts it afterwards.
#pragma once

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Decides every packet of the burst: none is kUndecided afterwards.
BurstCounts process(const Tables& tables, WorkerState& state, Moment now, Burst& burst);

}  // namespace vipfwd::packet
