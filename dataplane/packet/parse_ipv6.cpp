// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/extension_headers.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/parse_parts.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kLargestPacket = 65535;  // Packet::ip_length has 16 bits

bool is_multicast(const IpAddress& address) {
    return address.bytes[0] == 0xff;
}

// RFC 4291 §2.5.2, §2.5.3, §2.7. Also IPv4-mapped addresses: they stand for IPv4 addresses in our
// tables, and have no meaning on the wire.
bool is_impossible_ipv6_source(const IpAddress& address) {
    const auto [high, low] = address.words();
    const bool is_loopback = high == 0 && low == std::uint64_t{1} << 56;
    return address.is_none() || is_loopback || is_multicast(address) || address.is_v4();
}

bool may_have_ports(std::uint8_t protocol) {
    return protocol == kIpProtocolTcp || protocol == kIpProtocolUdp ||
           protocol == kIpProtocolDestinationOptions;
}

// In a fragment of TCP or UDP, the fragment header may name destination options, which precede TCP
// or UDP in the first fragment.
void parse_ipv6_fragment(Bytes frame, const ExtensionChain& chain, Packet& packet) {
    const std::uint16_t field = chain.fragment.fragment.host();
    const std::uint32_t offset = field & kIpv6OffsetMask;
    const bool is_last = (field & kIpv6MoreFragments) == 0;
    if (may_have_ports(packet.protocol) || packet.protocol == kIpProtocolIcmpv6)
        parse_fragment(frame, offset, is_last, packet);
    else
        packet.kind = Kind::kNoPorts;
}

// Only directly behind the IPv6 header: neighbor discovery does not use extension headers.
bool is_neighbor_solicitation(Bytes frame, const Ipv6Header& ip, const Packet& packet) {
    const Bytes message = l4_bytes(frame, packet);
    return ip.next_header == kIpProtocolIcmpv6 && !message.empty() &&
           message[0] == kIcmpv6NeighborSolicitation;
}

void parse_payload(Bytes frame, const Ipv6Header& ip, Packet& packet) {
    if (ip.next_header == kIpProtocolTcp) {
        packet.kind = Kind::kFlow;
        return parse_tcp(frame, packet);
    }
    const ExtensionChain chain = walk_extension_headers(l4_bytes(frame, packet), ip.next_header);
    if (!chain.is_good)
        return packet.note_fault(DropReason::kIpv6ExtensionHeader);
    packet.l4_offset = static_cast<std::uint16_t>(packet.l4_offset + chain.offset);
    packet.protocol = chain.protocol;
    if (chain.is_fragment)
        return parse_ipv6_fragment(frame, chain, packet);
    packet.kind = Kind::kFlow;
    if (packet.protocol == kIpProtocolTcp)
        parse_tcp(frame, packet);
    else if (packet.protocol == kIpProtocolUdp)
        parse_udp(frame, packet);
    else if (packet.protocol == kIpProtocolIcmpv6)
        parse_icmp(frame, packet);
    else
        packet.kind = Kind::kNoPorts;
}

}  // namespace

// RFC 8200 §3.
void parse_ipv6(Bytes frame, std::uint32_t frame_length, bool to_group, Packet& packet) {
    const Bytes bytes = frame.subspan(packet.l3_offset);
    if (bytes.size() < sizeof(Ipv6Header))
        return packet.drop(DropReason::kIpv6Truncated);
    const auto ip = load<Ipv6Header>(bytes, 0);
    if (ip.version_class_label.host() >> 28 != 6)
        return packet.drop(DropReason::kIpv6Version);
    const std::uint32_t payload_length = ip.payload_length.host();
    const std::uint32_t total_length = payload_length + static_cast<std::uint32_t>(sizeof ip);
    const bool lacks_payload = payload_length == 0 && ip.next_header != kIpProtocolNone;
    if (lacks_payload || total_length > frame_length - packet.l3_offset ||
        total_length > kLargestPacket)
        return packet.drop(DropReason::kIpv6PayloadLength);

    packet.is_v4 = false;
    packet.source = ip.source;
    packet.destination = ip.destination;
    packet.protocol = ip.next_header;
    packet.ip_length = static_cast<std::uint16_t>(total_length);

    packet.l4_offset = static_cast<std::uint16_t>(packet.l3_offset + sizeof ip);

    if (is_neighbor_solicitation(frame, ip, packet)) {
        parse_neighbor_solicitation(frame, packet);
        // Without a source address it is duplicate address detection.
        if (!ip.source.is_none() &&
            (is_impossible_ipv6_source(ip.source) || ip.source == packet.destination))
            packet.note_fault(DropReason::kIpv6Source);
        return;
    }
    if (to_group || is_multicast(ip.destination) || ip.destination.is_v4()) {
        packet.action = Action::kToKernel;
        return;
    }
    if (ip.hop_limit == 0)
        return packet.note_fault(DropReason::kIpv6HopLimitZero);
    if (is_impossible_ipv6_source(ip.source) || ip.source == ip.destination)
        return packet.note_fault(DropReason::kIpv6Source);
    parse_payload(frame, ip, packet);
}

}  // namespace vipfwd::packet
