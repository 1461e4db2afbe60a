// SPDX-License-Identifier: Apache-2.0
// Stage 4, track: finds the backend to which a flow is pinned. Also pins flows, for select.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Sets Packet::hash of every undecided packet, and Packet::backend of those whose flow is pinned to
// a backend that still keeps flows. Leaves packets that open a connection to pin(). Looks up ICMP
// errors and fragments in the tables of all workers, because they may reach another worker than
// their flow. True if every undecided packet has a backend.
bool track(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
           std::span<Packet> packets);

// Pins flows to the backends of their packets. Requires packets of services whose flows are pinned.
// A packet that opens a connection which is pinned already, to a backend that still serves, goes to
// that backend (flow_rules.h). Packets that no TCP implementation sends, resets, later fragments
// and ICMP errors pin nothing.
void pin(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
         std::span<Packet* const> packets);

// True if this worker has pinned the flow of a packet that track() has seen, and the flow has
// lasted (is_proven()): its sender is most likely no forgery.
bool has_proven_flow(const Tables& tables, const WorkerState& state, Moment now,
                     const Packet& packet);

}  // namespace vipfwd::packet
