// SPDX-License-Identifier: Apache-2.0
// Stage 2, gather: gives the later fragments of a datagram the ports of its first one. The
// following stages then treat them like any packet of the flow.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Decides fragments whose ports are not known yet (kHold), those whose datagram another worker owns
// (kHandOff), those to no VIP (kToKernel), and drops those that overlap, repeat or come too late.
// `resumed`: all packets are fragments that were held before.
void gather(const Tables& tables, WorkerState& state, Moment now, std::span<const Frame> frames,
            std::span<Packet> packets, bool resumed);

}  // namespace vipfwd::packet
