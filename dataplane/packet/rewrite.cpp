// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/rewrite.h"

#include "dataplane/packet/checksum.h"
#include "dataplane/packet/wire.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint8_t kOuterTtl = 64;

// RFC 2003 §3.1; DSCP and ECN copied (RFC 6040 §4.1, normal mode), DF and identification as inside.
Ipv4Header outer_ipv4(const Ipv4Header& inner, Be32 source, Be32 destination) {
    Ipv4Header outer{};
    outer.version_ihl = 0x45;
    outer.tos = inner.tos;
    outer.total_length =
        Be16::from_host(static_cast<std::uint16_t>(inner.total_length.host() + sizeof outer));
    outer.identification = inner.identification;
    outer.fragment = Be16::from_host(inner.fragment.host() & kIpv4DontFragment);
    outer.ttl = kOuterTtl;
    outer.protocol = kIpProtocolIpip;
    outer.source = source;
    outer.destination = destination;
    std::uint8_t bytes[sizeof outer];
    store(bytes, outer);
    outer.checksum = internet_checksum(bytes);
    return outer;
}

void encapsulate_ipip(const Tables& tables, Frame& frame, Packet& packet) {
    const abi::BackendEntry& backend = tables.generation.backends[packet.backend];
    if (backend.resolved == 0)
        return packet.drop(DropReason::kNoNextHop);
    const PortView& port = tables.ports[backend.port];
    if (port.source_v4.is_none())
        return packet.drop(DropReason::kNoTunnelSource);
    if (packet.ip_length + sizeof(Ipv4Header) > port.mtu)
        return packet.drop(DropReason::kTooBig);
    if (frame.headroom() < sizeof(Ipv4Header))
        return packet.drop(DropReason::kNoHeadroom);

    const auto inner = load<Ipv4Header>(frame.bytes(), sizeof(EthernetHeader));
    frame.truncate(static_cast<std::uint32_t>(sizeof(EthernetHeader)) + packet.ip_length);
    std::uint8_t* head = frame.prepend(sizeof(Ipv4Header));
    store(head, EthernetHeader{backend.next_hop, port.mac, Be16::from_host(kEtherTypeIpv4)});
    store(head + sizeof(EthernetHeader),
          outer_ipv4(inner, port.source_v4.v4(), backend.address.v4()));
    packet.action = Action::kForward;
}

void forward(const Tables& tables, Frame& frame, Packet& packet) {
    switch (static_cast<abi::Forward>(tables.generation.services[packet.service].forward)) {
        case abi::Forward::kIpip:
            return encapsulate_ipip(tables, frame, packet);
        case abi::Forward::kGue:
        case abi::Forward::kL2:
            break;
    }
    packet.drop(DropReason::kForwardUnsupported);
}

// The request turned round: the VIP is at the port's MAC address.
void reply_to_arp(const Tables& tables, Frame& frame) {
    const PortView& port = tables.ports[frame.port()];
    const auto request = load<ArpPacket>(frame.bytes(), sizeof(EthernetHeader));
    ArpPacket reply = request;
    reply.operation = Be16::from_host(kArpReply);
    reply.sender_mac = port.mac;
    reply.sender_ip = request.target_ip;
    reply.target_mac = request.sender_mac;
    reply.target_ip = request.sender_ip;
    std::uint8_t* head = frame.mutable_bytes();
    store(head, EthernetHeader{request.sender_mac, port.mac, Be16::from_host(kEtherTypeArp)});
    store(head + sizeof(EthernetHeader), reply);
}

}  // namespace

void rewrite(const Tables& tables, std::span<Frame> frames, std::span<Packet> packets) {
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (packets[i].undecided())
            forward(tables, frames[i], packets[i]);
        else if (packets[i].action == Action::kAnswer)
            reply_to_arp(tables, frames[i]);
    }
}

}  // namespace vipfwd::packet
