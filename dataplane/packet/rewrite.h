// SPDX-License-Identifier: Apache-2.0
// Stage 5: the only code that changes a frame.
//
//   in    | Ethernet | IPv4 client -> VIP | TCP, UDP ... | padding |
//   out   | Ethernet | IPv4 port -> backend, protocol 4 | IPv4 client -> VIP | TCP, UDP ... |
//
#pragma once

#include <span>

#include "dataplane/packet/packet.h"
#include "dataplane/packet/tables.h"

namespace vipfwd::packet {

// Encapsulates what has a backend (RFC 2003), turns ARP requests to be answered into replies (RFC
// 826). What cannot be sent is dropped, its frame unchanged. Leaves no packet undecided.
void rewrite(const Tables& tables, std::span<Frame> frames, std::span<Packet> packets);

}  // namespace vipfwd::packet
