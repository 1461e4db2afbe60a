// SPDX-License-Identifier: Apache-2.0
// Stage 6, rewrite: turns the frames of decided packets into the frames that leave. Besides the
// headers of fragments (path/split.h), this is the only code that writes to a frame. A frame gets
// the VLAN tags of the port that it leaves by.
//
//   in     | Ethernet | IP client -> VIP | TCP, UDP ... | padding |
//   ipip   | Ethernet | IP port -> backend | IP client -> VIP | TCP, UDP ... |
//   gue    | Ethernet | IP port -> backend | UDP | GUE | IP client -> VIP | TCP, UDP ... |
//   l2     | Ethernet | IP client -> VIP | TCP, UDP ... |
//
// Outer and inner IP may be IPv4 or IPv6, in any combination.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Encapsulates packets that have a backend, and turns requests (kAnswer) into the answers. A packet
// that is too big once encapsulated becomes kSplit if it may be fragmented, else it is answered
// with an ICMP error. A packet that cannot be sent is dropped, with its frame unchanged. Leaves no
// packet undecided.
void rewrite(const Tables& tables, WorkerState& state, Moment now, std::span<Frame> frames,
             std::span<Packet> packets);

// Counts the ICMP errors that rewrite() has forwarded and that report a path MTU below the minimum
// of any link.
std::uint32_t count_small_mtus(std::span<const Frame> frames, std::span<const Packet> packets);

// The largest IP packet, in bytes, that fits the MTU of the backend's port once it is encapsulated.
// Requires Action::kSplit.
std::uint32_t inner_mtu(const Tables& tables, const Packet& packet);

}  // namespace vipfwd::packet
