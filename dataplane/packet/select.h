// SPDX-License-Identifier: Apache-2.0
// Stage 4: a backend for packets without one, from the ring of the service's pool.
#pragma once

#include <span>

#include "dataplane/packet/flow_table.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/tables.h"
#include "dataplane/packet/track.h"

namespace vipfwd::packet {

// Sets Packet::backend and pins the flow to it; drops what no backend of the pool can take.
void select(const Tables& tables, const FlowTable& flows, std::uint32_t now_s,
            std::span<Packet> packets, FlowEvents& events);

}  // namespace vipfwd::packet
