// SPDX-License-Identifier: Apache-2.0
// Stage 3: whose packet is it? Sets Packet::service and, in Packet::hash, the destination's part of
// the flow's hash, or decides.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/ownership.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

// To a service, or about a flow of one: goes on. To a VIP, but faulty: dropped. ARP requests,
// neighbor solicitations and echo requests for an owned VIP: answered. All else: to the kernel, but
// what is to a VIP that refuses it: dropped.
void match(const Tables& tables, const Ownership& ownership, std::span<Packet> packets);

}  // namespace vipfwd::packet
