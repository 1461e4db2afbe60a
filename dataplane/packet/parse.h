// SPDX-License-Identifier: Apache-2.0
// Stage 1: bytes -> Packet.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

// Fills packets[i] from frames[i]. A frame whose addresses cannot be trusted is dropped here, one
// that is certainly not for a VIP goes to the kernel; a fault further in is noted for match to
// judge. True if all are certainly TCP or UDP, whole and without a fault.
bool parse(std::span<const Frame> frames, const Tables& tables, std::span<Packet> packets);

// One, without the shortcut for common ones. Apart from parse, so that that is short.
[[gnu::noinline]] void parse_any(const Frame& frame, const PortView& port, Packet& packet);

}  // namespace vipfwd::packet
