// SPDX-License-Identifier: Apache-2.0
// Stage 4, track: finds the backend to which a flow is pinned. Also pins flows, for select.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Sets Packet::hash of every undecided packet, and Packet::backend of those whose flow is pinned to
// a backend that still keeps flows. Leaves an initial SYN to select, because its ports may be
// reused. Looks up ICMP errors and fragments in the tables of all workers, because they may reach
// another worker than their flow. True if every undecided packet has a backend.
bool track(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
           std::span<Packet> packets);

// Pins flows to the backends of their packets. Requires packets of services whose flows are pinned.
// Packets that no TCP implementation sends (RFC 9293 §3.10: neither SYN nor ACK, SYN with FIN),
// resets, later fragments and ICMP errors pin nothing.
void pin(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
         std::span<const Packet* const> packets);

}  // namespace vipfwd::packet
