// SPDX-License-Identifier: Apache-2.0
// Stage 3, match: finds the service of each packet, or decides the packet.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/ownership.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

// - A packet to a service, or about one of its flows, stays undecided: its `service` is set, and
// its
//   `hash` to the destination's part of the flow hash.
// - A malformed packet to a VIP is dropped.
// - ARP requests, neighbor solicitations and echo requests for an owned VIP are answered.
// - Everything else goes to the kernel, unless it is for a VIP that does not accept it.
void match(const Tables& tables, const Ownership& ownership, std::span<Packet> packets);

}  // namespace vipfwd::packet
