// SPDX-License-Identifier: Apache-2.0
// TCP and UDP, and fragments of them.
#include "dataplane/packet/headers.h"
#include "dataplane/packet/parse_parts.h"

namespace vipfwd::packet {
namespace {

std::uint32_t l4_length(const Packet& packet) {
    return packet_end(packet) - packet.l4_offset;
}

}  // namespace

void parse_tcp(Bytes frame, Packet& packet) {
    const Bytes segment = l4_bytes(frame, packet);
    const std::uint32_t length = l4_length(packet);
    if (length < sizeof(TcpHeader) || segment.size() < sizeof(TcpHeader))
        return packet.note_fault(DropReason::kTcpTruncated);
    const auto tcp = load<TcpHeader>(segment, 0);
    const std::uint32_t header_length = (tcp.data_offset >> 4) * 4u;
    const bool is_whole = packet.kind == Kind::kFlow;
    if (header_length < sizeof(TcpHeader) || (is_whole && header_length > length))
        return packet.note_fault(DropReason::kTcpHeaderLength);
    packet.source_port = tcp.source_port;
    packet.destination_port = tcp.destination_port;
    packet.tcp_flags = tcp.flags;
}

void parse_udp(Bytes frame, Packet& packet) {
    const Bytes datagram = l4_bytes(frame, packet);
    const std::uint32_t length = l4_length(packet);
    if (length < sizeof(UdpHeader) || datagram.size() < sizeof(UdpHeader))
        return packet.note_fault(DropReason::kUdpTruncated);
    const auto udp = load<UdpHeader>(datagram, 0);
    const bool is_whole = packet.kind == Kind::kFlow;
    if (udp.length.host() < sizeof(UdpHeader) || (is_whole && udp.length.host() > length))
        return packet.note_fault(DropReason::kUdpLength);
    if (!packet.is_v4 && udp.checksum == Be16{})
        return packet.note_fault(DropReason::kUdpChecksum);
    packet.source_port = udp.source_port;
    packet.destination_port = udp.destination_port;
}

// RFC 1858 §3 (tiny fragment attack): a first fragment must hold the whole fixed TCP header.
void parse_fragment(Bytes frame, std::uint32_t offset, bool is_last, Packet& packet) {
    const std::uint32_t length = l4_length(packet);
    const std::uint32_t end = offset + length;
    if (length == 0 || end > kLargestDatagram || (!is_last && length % kFragmentUnit != 0))
        return packet.note_fault(DropReason::kFragmentMalformed);
    if (packet.protocol == (packet.is_v4 ? kIpProtocolIcmp : kIpProtocolIcmpv6))
        return packet.note_fault(DropReason::kIcmpFragment);
    if (offset != 0) {
        packet.kind = Kind::kLaterFragment;
        return;
    }
    packet.kind = Kind::kFirstFragment;
    if (packet.protocol == kIpProtocolTcp)
        parse_tcp(frame, packet);
    else if (packet.protocol == kIpProtocolUdp)
        parse_udp(frame, packet);
    else
        packet.kind = Kind::kNoPorts;
}

}  // namespace vipfwd::packet
