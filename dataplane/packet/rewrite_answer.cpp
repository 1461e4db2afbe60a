// SPDX-License-Identifier: Apache-2.0
// The gateway's own answers, with a VIP as their source: ARP (RFC 826), neighbor discovery (RFC
// 4861), echo replies (RFC 792, RFC 4443), and ICMP errors for packets that are too big.
#include <algorithm>
#include <utility>

#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/announce.h"
#include "dataplane/packet/outer_headers.h"
#include "dataplane/packet/rewrite_parts.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint8_t kInternetworkControl =
    0xc0;  // DSCP CS6, as RFC 1812 §4.3.2.5 requires of errors
constexpr std::uint32_t kIpv4ErrorBytes = 576;   // maximum, RFC 1812 §4.3.2.3
constexpr std::uint32_t kIpv6ErrorBytes = 1280;  // maximum, RFC 4443 §2.4 (c)

MacAddress sender_of(const Frame& frame) {
    return load<EthernetHeader>(frame.bytes(), 0).source;
}

// Addresses the frame to `destination`, from the port's MAC address. Its tags stay.
void reverse_link(std::uint8_t* head, const MacAddress& destination, const PortView& port) {
    EthernetHeader ethernet;
    std::memcpy(&ethernet, head, sizeof ethernet);
    ethernet.destination = destination;
    ethernet.source = port.mac;
    store(head, ethernet);
}

// The request with its addresses reversed: the VIP is at the port's MAC address.
void answer_arp(const PortView& port, Frame& frame, const Packet& packet) {
    const auto request = load<ArpPacket>(frame.bytes(), packet.l3_offset);
    ArpPacket reply = request;
    reply.operation = Be16::from_host(kArpOperationReply);
    reply.sender_mac = port.mac;
    reply.sender_ip = request.target_ip;
    reply.target_mac = request.sender_mac;
    reply.target_ip = request.sender_ip;
    reverse_link(frame.mutable_bytes(), request.sender_mac, port);
    store(frame.mutable_bytes() + packet.l3_offset, reply);
}

// A node that probes for a duplicate has no address yet: the answer goes to all nodes (RFC 4861
// §7.2.4).
Advertisement advertisement_for(const PortView& port, const Packet& packet) {
    const bool is_probe = packet.source.is_none();
    return make_advertisement(
        packet.destination, port.mac, is_probe ? kAllNodes : packet.source,
        kNeighborRouter | kNeighborOverride | (is_probe ? 0 : kNeighborSolicited));
}

// The answer may be 8 bytes longer than the solicitation: it takes them from the headroom.
void answer_solicitation(const PortView& port, Frame& frame, Packet& packet) {
    constexpr std::uint32_t kLonger = sizeof(NeighborLinkOption);
    if (frame.headroom() < kLonger)
        return packet.drop(DropReason::kNoHeadroom);
    std::uint8_t link[sizeof(EthernetHeader) + 2 * sizeof(VlanTag)];
    std::memcpy(link, frame.bytes().data(), packet.l3_offset);
    reverse_link(link, packet.source.is_none() ? kAllNodesMac : sender_of(frame), port);
    std::uint8_t* const head = frame.prepend(kLonger);
    std::memcpy(head, link, packet.l3_offset);
    store(head + packet.l3_offset, advertisement_for(port, packet));
    frame.truncate(packet.l3_offset + static_cast<std::uint32_t>(sizeof(Advertisement)));
}

void reverse_ipv4(std::uint8_t* place, std::size_t header_bytes) {
    Ipv4Header ip;
    std::memcpy(&ip, place, sizeof ip);
    std::swap(ip.source, ip.destination);
    ip.ttl = kOwnTtl;
    ip.checksum = {};
    store(place, ip);
    ip.checksum = internet_checksum({place, header_bytes});
    store(place, ip);
}

void reverse_ipv6(std::uint8_t* place) {
    Ipv6Header ip;
    std::memcpy(&ip, place, sizeof ip);
    std::swap(ip.source, ip.destination);
    ip.hop_limit = kOwnTtl;
    store(place, ip);
}

// Keeps identifier, sequence and data, and amends the checksum: one that was wrong stays wrong.
void answer_echo(const PortView& port, Frame& frame, Packet& packet) {
    if (packet.ip_length > port.mtu)
        return packet.drop(DropReason::kTooBig);
    auto icmp = load<IcmpHeader>(frame.bytes(), packet.l4_offset);
    const auto before = load<Be16>(frame.bytes(), packet.l4_offset);
    icmp.type = packet.is_v4 ? kIcmpEchoReply : kIcmpv6EchoReply;
    const Be16 after = Be16::from_host(static_cast<std::uint16_t>(icmp.type << 8 | icmp.code));
    icmp.checksum = amend_checksum(icmp.checksum, before, after);
    std::uint8_t* const head = frame.mutable_bytes();
    reverse_link(head, sender_of(frame), port);
    if (packet.is_v4)
        reverse_ipv4(head + packet.l3_offset, std::size_t{packet.l4_offset} - packet.l3_offset);
    else
        reverse_ipv6(head + packet.l3_offset);
    store(head + packet.l4_offset, icmp);
    frame.truncate(std::uint32_t{packet.l3_offset} + packet.ip_length);
}

// Writes the headers of an ICMP error at `place`, in front of a quote of `quoted` bytes.
void write_ipv4_error(std::uint8_t* place, const Packet& packet, std::uint32_t quoted,
                      std::uint32_t mtu) {
    Ipv4Header ip{};
    const std::uint32_t length =
        static_cast<std::uint32_t>(sizeof ip + sizeof(IcmpHeader)) + quoted;
    ip.version_ihl = 0x45;
    ip.tos = kInternetworkControl;
    ip.total_length = Be16::from_host(static_cast<std::uint16_t>(length));
    ip.fragment = Be16::from_host(kIpv4DontFragment);
    ip.ttl = kOwnTtl;
    ip.protocol = kIpProtocolIcmp;
    ip.source = packet.destination.v4();
    ip.destination = packet.source.v4();
    store(place, ip);
    ip.checksum = internet_checksum({place, sizeof ip});
    store(place, ip);
    IcmpHeader icmp{kIcmpUnreachable, kIcmpFragmentationNeeded, {}, Be32::from_host(mtu)};
    std::uint8_t* const message = place + sizeof ip;
    store(message, icmp);
    icmp.checksum = internet_checksum({message, sizeof icmp + quoted});
    store(message, icmp);
}

void write_ipv6_error(std::uint8_t* place, const Packet& packet, std::uint32_t quoted,
                      std::uint32_t mtu) {
    const std::uint32_t length = static_cast<std::uint32_t>(sizeof(IcmpHeader)) + quoted;
    store(place, Ipv6Header{Be32::from_host(6u << 28 | kInternetworkControl << 20),
                            Be16::from_host(static_cast<std::uint16_t>(length)), kIpProtocolIcmpv6,
                            kOwnTtl, packet.destination, packet.source});
    IcmpHeader icmp{kIcmpv6TooBig, 0, {}, Be32::from_host(mtu)};
    std::uint8_t* const message = place + sizeof(Ipv6Header);
    store(message, icmp);
    const std::uint64_t sum =
        ipv6_pseudo_sum(packet.destination, packet.source, length, kIpProtocolIcmpv6);
    icmp.checksum = {static_cast<std::uint16_t>(~fold_sum(add_to_sum({message, length}, sum)))};
    store(message, icmp);
}

}  // namespace

void answer(const Tables& tables, Frame& frame, Packet& packet) {
    const PortView& port = tables.ports[frame.port()];
    switch (packet.kind) {
        case Kind::kArpRequest:
            return answer_arp(port, frame, packet);
        case Kind::kNeighborSolicitation:
            return answer_solicitation(port, frame, packet);
        default:  // kEchoRequest: match answers no other kind
            return answer_echo(port, frame, packet);
    }
}

void answer_too_big(const Tables& tables, Frame& frame, Packet& packet, std::uint32_t mtu) {
    const auto ip_bytes =
        static_cast<std::uint32_t>(packet.is_v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header));
    const std::uint32_t in_front = ip_bytes + static_cast<std::uint32_t>(sizeof(IcmpHeader));
    if (frame.headroom() < in_front)
        return packet.drop(DropReason::kNoHeadroom);
    const auto readable = static_cast<std::uint32_t>(frame.bytes().size()) - packet.l3_offset;
    const std::uint32_t most = (packet.is_v4 ? kIpv4ErrorBytes : kIpv6ErrorBytes) - in_front;
    const std::uint32_t quoted = std::min({readable, most, std::uint32_t{packet.ip_length}});

    const PortView& port = tables.ports[frame.port()];
    const MacAddress sender = sender_of(frame);
    std::uint8_t* const old_head = frame.mutable_bytes();
    std::uint8_t* const head = frame.prepend(in_front);  // more than the length of any link header
    std::memcpy(head, old_head, packet.l3_offset);
    reverse_link(head, sender, port);
    frame.truncate(packet.l3_offset + in_front + quoted);
    if (packet.is_v4)
        write_ipv4_error(head + packet.l3_offset, packet, quoted, mtu);
    else
        write_ipv6_error(head + packet.l3_offset, packet, quoted, mtu);
    packet.action = Action::kAnswer;
}

}  // namespace vipfwd::packet
