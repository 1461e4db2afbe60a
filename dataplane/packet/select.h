// SPDX-License-Identifier: Apache-2.0
// Stage 5, select: chooses a backend for packets without one, by the ring of the service's pool.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Sets Packet::backend and pins the flow to it, unless the flow keeps another one (pin()). Drops
// the packet if the ring names no backend.
void select(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
            std::span<Packet> packets);

}  // namespace vipfwd::packet
