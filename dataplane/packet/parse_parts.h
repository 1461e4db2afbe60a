// SPDX-License-Identifier: Apache-2.0
// The parts of parse_general(), one for each protocol. Each gets the readable bytes of the frame,
// and a Packet that is filled in up to its protocol: `l3_offset` for IP; `l4_offset` and
// `ip_length` too for the protocols that IP carries.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

using Bytes = std::span<const std::uint8_t>;

// The offset of the end of the IP packet in the frame, which may be beyond the readable bytes.
inline std::uint32_t packet_end(const Packet& packet) {
    return std::uint32_t{packet.l3_offset} + packet.ip_length;
}

// The readable bytes of the protocol that IP carries.
inline Bytes l4_bytes(Bytes frame, const Packet& packet) {
    const std::size_t end = packet_end(packet);
    return frame.first(end < frame.size() ? end : frame.size()).subspan(packet.l4_offset);
}

// RFC 9293 §3.1, RFC 768. Read ports and flags. `kind` tells whether the packet is a fragment.
void parse_tcp(Bytes frame, Packet& packet);
void parse_udp(Bytes frame, Packet& packet);

// A fragment of `packet.protocol`, `offset` bytes into the datagram.
void parse_fragment(Bytes frame, std::uint32_t offset, bool is_last, Packet& packet);

// `frame_length` includes bytes in further buffers, which cannot be read here. `to_group`: the
// destination MAC address is multicast or broadcast.
void parse_ipv4(Bytes frame, std::uint32_t frame_length, Packet& packet);
void parse_ipv6(Bytes frame, std::uint32_t frame_length, bool to_group, Packet& packet);

// ICMP or ICMPv6, not fragmented.
void parse_icmp(Bytes frame, Packet& packet);
// RFC 4861 §7.1.1, §7.2.3. Requires an ICMPv6 message of type neighbor solicitation.
void parse_neighbor_solicitation(Bytes frame, Packet& packet);

}  // namespace vipfwd::packet
