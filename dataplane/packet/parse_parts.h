// SPDX-License-Identifier: Apache-2.0
// The parts of parse, one a protocol. Each takes the frame as far as it can be read, and a Packet
// filled in up to where the part begins: `l3_offset` for IP, `l4_offset` and `ip_length` for what
// IP carries.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

using Bytes = std::span<const std::uint8_t>;

// Where the IP packet ends in the frame, whether it can be read up to there or not.
inline std::uint32_t packet_end(const Packet& packet) {
    return std::uint32_t{packet.l3_offset} + packet.ip_length;
}

// What IP carries, as far as it can be read.
inline Bytes l4_bytes(Bytes frame, const Packet& packet) {
    const std::size_t end = packet_end(packet);
    return frame.first(end < frame.size() ? end : frame.size()).subspan(packet.l4_offset);
}

// RFC 9293 §3.1, RFC 768. Ports, and flags; `kind` says whether it is a fragment.
void parse_tcp(Bytes frame, Packet& packet);
void parse_udp(Bytes frame, Packet& packet);

// A fragment of what `packet.protocol` says, `offset` bytes into it.
void parse_fragment(Bytes frame, std::uint32_t offset, bool is_last, Packet& packet);

// `frame_length` counts what lies in further buffers too.
void parse_ipv4(Bytes frame, std::uint32_t frame_length, Packet& packet);
void parse_ipv6(Bytes frame, std::uint32_t frame_length, bool to_group, Packet& packet);

// ICMP of either family, whole.
void parse_icmp(Bytes frame, Packet& packet);
// RFC 4861 §7.1.1, §7.2.3. Requires an ICMPv6 message of that type.
void parse_neighbor_solicitation(Bytes frame, Packet& packet);

}  // namespace vipfwd::packet
