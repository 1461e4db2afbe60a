// SPDX-License-Identifier: Apache-2.0
// Stage 2: fragments learn their flow. Later fragments of a datagram take the ports of the first
// one; from there on they are packets of that flow like any other.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Fragments ahead of the first one are to be held, those that meet at another worker to be handed
// over to it; those to no VIP go to the kernel. `resumed`: the fragments were held before.
void gather(const Tables& tables, WorkerState& state, Moment now, std::span<const Frame> frames,
            std::span<Packet> packets, bool resumed);

}  // namespace vipfwd::packet
