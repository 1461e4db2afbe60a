// SPDX-License-Identifier: Apache-2.0
// Stage 3, and what follows select: which backend is this flow pinned to?
#pragma once

#include <span>

#include "dataplane/packet/flow_table.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/tables.h"

namespace vipfwd::packet {

// What happened to flows in one burst.
struct FlowEvents {
    std::uint32_t hits = 0;
    std::uint32_t inserts = 0;
    std::uint32_t evictions = 0;  // a half-open or closing flow made room
    std::uint32_t full = 0;       // no room: the ring alone decides
    std::uint32_t missed = 0;     // not a SYN, yet no flow known
};

// Sets Packet::hash of every packet of a service, and Packet::backend of those whose flow is pinned
// to a backend that still keeps flows. A SYN is left to select: a reused port starts anew.
void track(const Tables& tables, const FlowTable& flows, std::uint32_t now_s,
           std::span<Packet> packets, FlowEvents& events);

// Pins the flow of one packet that select chose a backend for. Packets that no sane TCP sends
// (RFC 9293 §3.10: no SYN, no ACK; SYN with FIN) and resets leave no trace.
void pin(const Tables& tables, const FlowTable& flows, std::uint32_t now_s, const Packet& packet,
         FlowEvents& events);

}  // namespace vipfwd::packet
