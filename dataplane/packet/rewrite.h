// SPDX-License-Identifier: Apache-2.0
// Stage 6: the only code that changes a frame. What leaves by a port has that port's VLAN tags.
//
//   in     | Ethernet | IP client -> VIP | TCP, UDP ... | padding |
//   ipip   | Ethernet | IP port -> backend | IP client -> VIP | TCP, UDP ... |
//   gue    | Ethernet | IP port -> backend | UDP | GUE | IP client -> VIP | TCP, UDP ... |
//   l2     | Ethernet | IP client -> VIP | TCP, UDP ... |
//
// Outer and inner IP are of either family.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Encapsulates what has a backend, and turns what is to be answered into the answer. A packet that
// is too big then is answered too, or is to be split if it may be fragmented. What cannot be sent
// is dropped, its frame unchanged. Leaves no packet undecided.
void rewrite(const Tables& tables, WorkerState& state, Moment now, std::span<Frame> frames,
             std::span<Packet> packets);

// Bytes of the largest IP packet that fits through the port of the packet's backend once it is
// encapsulated. Requires Action::kSplit.
std::uint32_t inner_mtu(const Tables& tables, const Packet& packet);

}  // namespace vipfwd::packet
