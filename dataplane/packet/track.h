// SPDX-License-Identifier: Apache-2.0
// Stage 4, and what follows select: which backend is this flow pinned to?
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {

// Sets Packet::hash of every packet of a service, and Packet::backend of those whose flow is pinned
// to a backend that still keeps flows. A SYN is left to select: a reused port starts anew. ICMP
// errors and fragments may have arrived at another worker than their flow: they are looked up in
// the tables of all. True if every packet that is still undecided has a backend.
bool track(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
           std::span<Packet> packets);

// Pins the flows of packets that select chose a backend for, of services whose flows are pinned.
// Packets that no sane TCP sends (RFC 9293 §3.10: no SYN, no ACK; SYN with FIN), resets, and
// packets about a flow leave no trace.
void pin(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
         std::span<const Packet* const> packets);

}  // namespace vipfwd::packet
