// SPDX-License-Identifier: Apache-2.0
// The parts of rewrite. Each decides the packet: kForward or kAnswer, or a drop that leaves the
// frame as it was.
#pragma once

#include <cstdint>

#include "dataplane/packet/packet.h"
#include "dataplane/packet/tables.h"
#include "dataplane/packet/wire.h"

namespace vipfwd::packet {

inline constexpr std::uint8_t kOwnTtl = 64;  // of packets and tunnels that start here

// Writes an Ethernet header with the port's tags. Returns what follows it.
std::uint8_t* write_link(std::uint8_t* head, const MacAddress& destination, const PortView& port,
                         std::uint16_t type);
// Sends a frame back by the port it came in: to `destination`, its tags as they are.
void turn_link(std::uint8_t* head, const MacAddress& destination, const PortView& port);

// What goes in front of the IP packet on its way to the backend.
std::uint32_t tunnel_bytes(abi::Forward forward, bool outer_v4);
// Requires a backend with a next hop and, for a tunnel, a source; and that it fits the MTU.
void encapsulate(const Tables& tables, Frame& frame, Packet& packet);

// To a packet of Action::kAnswer.
void answer(const Tables& tables, Frame& frame, Packet& packet);

// "Fragmentation needed" (RFC 1191) or "packet too big" (RFC 4443 §3.2) to the packet's source:
// packets up to `mtu` bytes fit.
void answer_too_big(const Tables& tables, Frame& frame, Packet& packet, std::uint32_t mtu);

}  // namespace vipfwd::packet
