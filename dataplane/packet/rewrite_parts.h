// SPDX-License-Identifier: Apache-2.0
// The parts of rewrite. Each decides the packet: kForward or kAnswer, or a drop that leaves the
// frame as it was.
#pragma once

#include <cstdint>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

inline constexpr std::uint8_t kOwnTtl = 64;  // of packets and tunnels that start here

// Writes an Ethernet header with the port's tags. Returns what follows it.
std::uint8_t* write_link(std::uint8_t* head, const MacAddress& destination, const PortView& port,
                         std::uint16_t type);
// Sends a frame back by the port it came in: to `destination`, its tags as they are.
void turn_link(std::uint8_t* head, const MacAddress& destination, const PortView& port);

// A tunnel's IP header, as far as it is the same for all packets (see BackendView::head).
void prepare_outer_ipv4(std::uint8_t* place, Be32 source, Be32 destination);
void prepare_outer_ipv6(std::uint8_t* place, const IpAddress& source, const IpAddress& destination);

// How a packet gets to its backend: what several steps need, looked up once.
struct Way {
    const abi::BackendEntry& backend;
    const PortView& port;
    const abi::ForwardMode& mode;
    bool outer_v4;           // the backend's family
    std::uint32_t overhead;  // the mode's bytes in front of the client's IP packet
};

// Forwards nearly every packet: untagged, its headers are prepared, and it fits. Leaves
// all others as they are. True if there were none.
bool encapsulate_common(const Tables& tables, std::span<Frame> frames, std::span<Packet> packets);

Way way_of(const Tables& tables, const Packet& packet);
// Requires a backend with a next hop and, for a tunnel, a source; that it fits the MTU, and that
// there is room in front.
void encapsulate(const Tables& tables, const Way& way, Frame& frame, Packet& packet);

// To a packet of Action::kAnswer.
void answer(const Tables& tables, Frame& frame, Packet& packet);

// "Fragmentation needed" (RFC 1191) or "packet too big" (RFC 4443 §3.2) to the packet's source:
// packets up to `mtu` bytes fit.
void answer_too_big(const Tables& tables, Frame& frame, Packet& packet, std::uint32_t mtu);

}  // namespace vipfwd::packet
