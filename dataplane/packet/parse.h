// SPDX-License-Identifier: Apache-2.0
// Stage 1, parse: reads the bytes of each frame into a Packet.
#pragma once

#include <span>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

// Fills packets[i] from frames[i]. Drops a frame whose addresses cannot be read, and leaves one
// that cannot be for a VIP to the kernel. Any other malformed packet gets a fault, see
// Packet::has_fault. True if parse_common() took all frames: TCP or UDP, not fragmented, without a
// fault.
bool parse(std::span<const Frame> frames, const Tables& tables, std::span<Packet> packets);

// Fast path of parse_general() for what parse_common() leaves, fragments and ICMP above all: an
// untagged frame to the port's MAC address, with an IPv4 header of 20 bytes that is sound. False,
// and `packet` unchanged, for any other frame.
bool parse_plain(const Frame& frame, const PortView& port, Packet& packet);

// Parses one frame of any kind; parse_common() and parse_plain() are its fast paths. Not inlined,
// to keep parse() small.
[[gnu::noinline]] void parse_general(const Frame& frame, const PortView& port, Packet& packet);

}  // namespace vipfwd::packet
