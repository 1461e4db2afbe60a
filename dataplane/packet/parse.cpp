// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/parse.h"

#include <algorithm>
#include <bit>

#include "dataplane/packet/checksum.h"
#include "dataplane/packet/wire.h"

namespace vipfwd::packet {
namespace {

using Bytes = std::span<const std::uint8_t>;

// RFC 1122 §3.2.1.3: what a source address may not be.
bool is_impossible_source(Be32 address) {
    const std::uint32_t host = address.host();
    const std::uint32_t first = host >> 24;
    return host == 0 || first == 127 || first >= 224;
}

// RFC 9293 §3.1. `segment` starts at the TCP header and ends with the IP packet or the first
// buffer; `length` is what the IP header says.
void parse_tcp(Bytes segment, std::uint32_t length, Packet& packet) {
    if (length < sizeof(TcpHeader) || segment.size() < sizeof(TcpHeader))
        return packet.fault(DropReason::kTcpTruncated);
    const auto tcp = load<TcpHeader>(segment, 0);
    const std::uint32_t header_length = (tcp.data_offset >> 4) * 4u;
    if (header_length < sizeof(TcpHeader) || header_length > length)
        return packet.fault(DropReason::kTcpHeaderLength);
    packet.source_port = tcp.source_port;
    packet.destination_port = tcp.destination_port;
    packet.tcp_flags = tcp.flags;
}

// RFC 768.
void parse_udp(Bytes datagram, std::uint32_t length, Packet& packet) {
    if (length < sizeof(UdpHeader) || datagram.size() < sizeof(UdpHeader))
        return packet.fault(DropReason::kUdpTruncated);
    const auto udp = load<UdpHeader>(datagram, 0);
    if (udp.length.host() < sizeof(UdpHeader) || udp.length.host() > length)
        return packet.fault(DropReason::kUdpLength);
    packet.source_port = udp.source_port;
    packet.destination_port = udp.destination_port;
}

// RFC 791 §3.1. `bytes` starts at the IPv4 header; `length` counts what follows in all buffers.
void parse_ipv4(Bytes bytes, std::uint32_t length, Packet& packet) {
    if (bytes.size() < sizeof(Ipv4Header))
        return packet.drop(DropReason::kIpv4Truncated);
    const auto ip = load<Ipv4Header>(bytes, 0);
    if (ip.version_ihl >> 4 != 4)
        return packet.drop(DropReason::kIpv4Version);
    const std::uint32_t header_length = (ip.version_ihl & 0xf) * 4u;
    if (header_length < sizeof(Ipv4Header) || header_length > bytes.size())
        return packet.drop(DropReason::kIpv4HeaderLength);
    const std::uint32_t total_length = ip.total_length.host();
    if (total_length < header_length || total_length > length)
        return packet.drop(DropReason::kIpv4TotalLength);
    if (internet_sum(bytes.first(header_length)) != 0xffff)
        return packet.drop(DropReason::kIpv4Checksum);

    packet.kind = Kind::kIpv4;
    packet.source = IpAddress::from_v4(ip.source);
    packet.destination = IpAddress::from_v4(ip.destination);
    packet.protocol = ip.protocol;
    packet.ip_length = static_cast<std::uint16_t>(total_length);

    if (ip.ttl == 0)
        return packet.fault(DropReason::kIpv4TtlZero);
    if (is_impossible_source(ip.source) || ip.source == ip.destination)
        return packet.fault(DropReason::kIpv4Source);
    if ((ip.fragment.host() & kIpv4FragmentMask) != 0)
        return packet.fault(DropReason::kFragment);

    const std::size_t end = std::min<std::size_t>(bytes.size(), total_length);
    const Bytes payload = bytes.first(end).subspan(header_length);
    if (ip.protocol == kIpProtocolTcp)
        parse_tcp(payload, total_length - header_length, packet);
    else if (ip.protocol == kIpProtocolUdp)
        parse_udp(payload, total_length - header_length, packet);
}

// RFC 826. Only a request can concern a VIP; all other ARP is the kernel's.
void parse_arp(Bytes bytes, Packet& packet) {
    if (bytes.size() < sizeof(ArpPacket))
        return packet.drop(DropReason::kArpMalformed);
    const auto arp = load<ArpPacket>(bytes, 0);
    const bool is_request =
        arp.hardware_type.host() == kArpHardwareEthernet &&
        arp.protocol_type.host() == kEtherTypeIpv4 && arp.hardware_length == sizeof(MacAddress) &&
        arp.protocol_length == sizeof(Be32) && arp.operation.host() == kArpRequest;
    if (!is_request) {
        packet.action = Action::kToKernel;
        return;
    }
    packet.kind = Kind::kArpRequest;
    packet.source = IpAddress::from_v4(std::bit_cast<Be32>(arp.sender_ip));
    packet.destination = IpAddress::from_v4(std::bit_cast<Be32>(arp.target_ip));
}

Packet parse_frame(const Frame& frame, const PortView& port) {
    Packet packet;
    const Bytes bytes = frame.bytes();
    if (bytes.size() < sizeof(EthernetHeader)) {
        packet.drop(DropReason::kEthernetTruncated);
        return packet;
    }
    const auto ethernet = load<EthernetHeader>(bytes, 0);
    const bool to_group = ethernet.destination.is_multicast();
    if (!to_group && ethernet.destination != port.mac) {
        packet.drop(DropReason::kEthernetNotOurs);
        return packet;
    }
    const Bytes payload = bytes.subspan(sizeof ethernet);
    const std::uint16_t type = ethernet.type.host();
    if (type == kEtherTypeIpv4 && !to_group)
        parse_ipv4(payload, frame.length() - static_cast<std::uint32_t>(sizeof ethernet), packet);
    else if (type == kEtherTypeArp)
        parse_arp(payload, packet);
    else
        packet.action = Action::kToKernel;
    return packet;
}

}  // namespace

void parse(std::span<const Frame> frames, const Tables& tables, std::span<Packet> packets) {
    for (std::size_t i = 0; i < frames.size(); ++i)
        packets[i] = parse_frame(frames[i], tables.ports[frames[i].port()]);
}

}  // namespace vipfwd::packet
