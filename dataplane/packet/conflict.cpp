// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/conflict.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "dataplane/abi/internet_checksum.h"
#include "dataplane/abi/time_units.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/parse_parts.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::packet {
namespace {

using abi::ConflictKind;

constexpr std::uint8_t kNeighborHopLimit = 255;  // RFC 4861 §7.1

// What the sender of a frame says of itself.
struct Sender {
    IpAddress address;
    MacAddress mac;
    ConflictKind kind = ConflictKind::kUses;
};

// Some switches poll hosts with unicast probes without wanting their addresses.
std::optional<Sender> read_arp(Bytes frame, const Packet& packet) {
    const Bytes bytes = frame.subspan(packet.l3_offset);
    if (bytes.size() < sizeof(ArpPacket))
        return std::nullopt;
    const auto arp = load<ArpPacket>(bytes, 0);
    const std::uint16_t operation = arp.operation.host();
    if (arp.hardware_type.host() != kArpHardwareEthernet ||
        arp.protocol_type.host() != kEtherTypeIpv4 || arp.hardware_length != sizeof(MacAddress) ||
        arp.protocol_length != sizeof(Be32) ||
        (operation != kArpOperationRequest && operation != kArpOperationReply))
        return std::nullopt;
    const auto sender_ip = std::bit_cast<Be32>(arp.sender_ip);
    if (sender_ip.raw != 0)
        return Sender{IpAddress::from_v4(sender_ip), arp.sender_mac, ConflictKind::kUses};
    if (operation != kArpOperationRequest ||
        load<EthernetHeader>(frame, 0).destination != kBroadcast)
        return std::nullopt;
    return Sender{IpAddress::from_v4(std::bit_cast<Be32>(arp.target_ip)), arp.sender_mac,
                  ConflictKind::kProbes};
}

// The link-layer address among the options, or `otherwise`.
MacAddress target_link(Bytes options, const MacAddress& otherwise) {
    while (options.size() >= sizeof(NeighborLinkOption)) {
        const auto option = load<NeighborLinkOption>(options, 0);
        const std::size_t bytes = option.length * 8u;
        if (option.type == kNeighborTargetLink && option.length == 1)
            return option.address;
        if (bytes == 0 || bytes > options.size())
            break;
        options = options.subspan(bytes);
    }
    return otherwise;
}

// RFC 4861 §7.1.2. Only directly behind the IPv6 header.
std::optional<Sender> read_advertisement(Bytes frame, const Packet& packet) {
    const auto ip = load<Ipv6Header>(frame, packet.l3_offset);
    const Bytes message = l4_bytes(frame, packet);
    if (ip.next_header != kIpProtocolIcmpv6 || ip.hop_limit != kNeighborHopLimit ||
        message.size() < sizeof(NeighborMessage) ||
        packet.l4_offset + message.size() != packet_end(packet))
        return std::nullopt;
    const auto advertisement = load<NeighborMessage>(message, 0);
    const std::uint64_t sum = ipv6_pseudo_sum(
        ip.source, ip.destination, static_cast<std::uint32_t>(message.size()), kIpProtocolIcmpv6);
    if (advertisement.icmp.type != kIcmpv6NeighborAdvertisement || advertisement.icmp.code != 0 ||
        fold_sum(add_to_sum(message, sum)) != 0xffff)
        return std::nullopt;
    return Sender{
        advertisement.target,
        target_link(message.subspan(sizeof advertisement), load<EthernetHeader>(frame, 0).source),
        ConflictKind::kUses};
}

// The solicitation is valid: otherwise the packet has a fault.
Sender read_solicitation(Bytes frame, const Packet& packet) {
    const MacAddress mac = load<EthernetHeader>(frame, 0).source;
    if (packet.source.is_none())
        return {packet.destination, mac, ConflictKind::kProbes};
    return {packet.source, mac, ConflictKind::kUses};
}

// Parse has decided frames with other tags than the port's: their type must not be read.
std::optional<Sender> read_sender(const PortView& port, const Frame& frame, const Packet& packet) {
    const bool is_untagged = packet.l3_offset == sizeof(EthernetHeader);
    if (packet.action == Action::kDrop || packet.has_fault ||
        packet.l3_offset < sizeof(EthernetHeader) || (port.vlan != 0 && is_untagged))
        return std::nullopt;
    if (packet.kind == Kind::kNeighborSolicitation)
        return read_solicitation(frame.bytes(), packet);
    const std::uint16_t type = load<Be16>(frame.bytes(), packet.l3_offset - sizeof(Be16)).host();
    if (type == kEtherTypeArp)
        return read_arp(frame.bytes(), packet);
    const bool may_advertise = packet.kind == Kind::kOther || packet.kind == Kind::kNoPorts;
    if (type == kEtherTypeIpv6 && may_advertise && packet.protocol == kIpProtocolIcmpv6)
        return read_advertisement(frame.bytes(), packet);
    return std::nullopt;
}

bool is_own_port(const Tables& tables, const MacAddress& mac) {
    const auto ports = std::span(tables.ports).first(tables.generation.header.port_count);
    return std::ranges::find(ports, mac, &PortView::mac) != ports.end();
}

}  // namespace

void find_conflicts(const Tables& tables, WorkerState& state, Moment now, const Burst& burst) {
    ConflictNotes& notes = state.conflicts;
    notes.count = 0;
    for (std::uint32_t i = 0; i < burst.count && notes.count < notes.all.size(); ++i) {
        const Frame& frame = burst.frames[i];
        if (burst.packets[i].kind >= Kind::kIcmpError)  // for a service
            continue;
        const std::optional<Sender> sender =
            read_sender(tables.ports[frame.port()], frame, burst.packets[i]);
        if (!sender)
            continue;
        const std::uint32_t vip = tables.index.find_vip(tables.generation, sender->address);
        if (vip == kNone || !state.ownership.has_owned_for_long(tables.generation.vips[vip]) ||
            is_own_port(tables, sender->mac) ||
            is_own_port(tables, load<EthernetHeader>(frame.bytes(), 0).source))
            continue;
        notes.all[notes.count++] = {.vip = sender->address,
                                    .sender = sender->mac,
                                    .port = static_cast<std::uint8_t>(frame.port()),
                                    .kind = sender->kind,
                                    .at_ns = now.ms * kNanosecondsPerMs};
    }
}

}  // namespace vipfwd::packet
