// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/parse.h"
#include "dataplane/packet/parse_common.h"
#include "dataplane/packet/parse_parts.h"

namespace vipfwd::packet {
namespace {

void parse_ipv4_fragment(Bytes frame, std::uint16_t field, Packet& packet) {
    const std::uint32_t offset = (field & kIpv4OffsetMask) * 8u;
    const bool is_last = (field & kIpv4MoreFragments) == 0;
    const bool has_ports = packet.protocol == kIpProtocolTcp || packet.protocol == kIpProtocolUdp;
    if (has_ports || packet.protocol == kIpProtocolIcmp)
        parse_fragment(frame, offset, is_last, packet);
    else
        packet.kind = Kind::kNoPorts;
}

// What IPv4 carries. `fragment` is the header's field.
void parse_ipv4_payload(Bytes frame, Be16 fragment, Packet& packet) {
    const std::uint16_t field = fragment.host();
    if ((field & (kIpv4OffsetMask | kIpv4MoreFragments)) != 0)
        return parse_ipv4_fragment(frame, field, packet);
    packet.kind = Kind::kFlow;
    if (packet.protocol == kIpProtocolTcp)
        parse_tcp(frame, packet);
    else if (packet.protocol == kIpProtocolUdp)
        parse_udp(frame, packet);
    else if (packet.protocol == kIpProtocolIcmp)
        parse_icmp(frame, packet);
    else
        packet.kind = Kind::kNoPorts;
}

}  // namespace

// RFC 791 §3.1.
void parse_ipv4(Bytes frame, std::uint32_t frame_length, Packet& packet) {
    const Bytes bytes = frame.subspan(packet.l3_offset);
    if (bytes.size() < sizeof(Ipv4Header))
        return packet.drop(DropReason::kIpv4Truncated);
    const auto ip = load<Ipv4Header>(bytes, 0);
    if (ip.version_ihl >> 4 != 4)
        return packet.drop(DropReason::kIpv4Version);
    const std::uint32_t header_length = (ip.version_ihl & 0xf) * 4u;
    if (header_length < sizeof(Ipv4Header) || header_length > bytes.size())
        return packet.drop(DropReason::kIpv4HeaderLength);
    const std::uint32_t total_length = ip.total_length.host();
    if (total_length < header_length || total_length > frame_length - packet.l3_offset)
        return packet.drop(DropReason::kIpv4TotalLength);
    if (internet_sum(bytes.first(header_length)) != 0xffff)
        return packet.drop(DropReason::kIpv4Checksum);

    packet.source = IpAddress::from_v4(ip.source);
    packet.destination = IpAddress::from_v4(ip.destination);
    packet.protocol = ip.protocol;
    packet.ip_length = static_cast<std::uint16_t>(total_length);
    packet.l4_offset = static_cast<std::uint16_t>(packet.l3_offset + header_length);

    if (ip.ttl == 0)
        return packet.note_fault(DropReason::kIpv4TtlZero);
    if (!is_possible_ipv4_source(ip.source) || ip.source == ip.destination)
        return packet.note_fault(DropReason::kIpv4Source);
    parse_ipv4_payload(frame, ip.fragment, packet);
}

bool parse_plain(const Frame& frame, const PortView& port, Packet& packet) {
    const Bytes bytes = frame.bytes();
    if (bytes.size() < kLinkBytes + sizeof(Ipv4Header) || !is_to(port, bytes) ||
        !has_plain_ipv4(bytes))
        return false;
    const PlainIpv4 ip = read_plain_ipv4(bytes);
    if (ip.length < sizeof(Ipv4Header) || !is_sound(ip, frame))
        return false;
    packet = common::kIpv4;
    packet.kind = Kind::kOther;
    store(&packet.source.bytes[12], ip.source);
    store(&packet.destination.bytes[12], ip.destination);
    packet.ip_length = static_cast<std::uint16_t>(ip.length);
    packet.protocol = bytes[kLinkBytes + offsetof(Ipv4Header, protocol)];
    parse_ipv4_payload(bytes, ip.fragment, packet);
    return true;
}

}  // namespace vipfwd::packet
