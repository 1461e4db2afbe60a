// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/parse.h"

#include <bit>
#include <cstddef>

#include "dataplane/packet/headers.h"
#include "dataplane/packet/parse_common.h"
#include "dataplane/packet/parse_parts.h"

namespace vipfwd::packet {
namespace {

// RFC 826. Only requests can concern a VIP; all other ARP is left to the kernel.
void parse_arp(Bytes frame, Packet& packet) {
    const Bytes bytes = frame.subspan(packet.l3_offset);
    if (bytes.size() < sizeof(ArpPacket))
        return packet.drop(DropReason::kArpMalformed);
    const auto arp = load<ArpPacket>(bytes, 0);
    const bool is_request =
        arp.hardware_type.host() == kArpHardwareEthernet &&
        arp.protocol_type.host() == kEtherTypeIpv4 && arp.hardware_length == sizeof(MacAddress) &&
        arp.protocol_length == sizeof(Be32) && arp.operation.host() == kArpOperationRequest;
    if (!is_request) {
        packet.action = Action::kToKernel;
        return;
    }
    packet.kind = Kind::kArpRequest;
    packet.source = IpAddress::from_v4(std::bit_cast<Be32>(arp.sender_ip));
    packet.destination = IpAddress::from_v4(std::bit_cast<Be32>(arp.target_ip));
}

bool is_tag(std::uint16_t type) {
    return type == kEtherTypeVlan || type == kEtherTypeServiceVlan;
}

// IEEE 802.1Q, 802.1ad. Returns the ethertype behind the tags. Decides packets whose tags are not
// those of the port: untagged frames (LLDP, for example) go to the kernel, others are dropped. A
// tag of VLAN 0 only has a priority, so the frame counts as untagged.
std::uint16_t parse_tags(Bytes frame, std::uint16_t type, const PortView& port, Packet& packet) {
    constexpr std::uint32_t kMostTags = 2;
    std::uint16_t numbers[kMostTags] = {};
    std::uint16_t tag_type = type;  // of the innermost tag
    std::uint32_t tags = 0;
    for (; tags < kMostTags && is_tag(type); ++tags) {
        if (frame.size() < packet.l3_offset + sizeof(VlanTag)) {
            packet.drop(DropReason::kVlanTruncated);
            return type;
        }
        const auto tag = load<VlanTag>(frame, packet.l3_offset);
        numbers[tags] = tag.control.host() & kVlanNumberMask;
        tag_type = type;
        type = tag.type.host();
        packet.l3_offset = static_cast<std::uint8_t>(packet.l3_offset + sizeof tag);
    }
    const bool customer_tagged = tag_type == kEtherTypeVlan && !is_tag(type);
    const bool untagged = tags == 0 || (tags == 1 && customer_tagged && numbers[0] == 0);
    const bool as_configured = port.outer_vlan != 0
                                   ? tags == 2 && customer_tagged &&
                                         numbers[0] == port.outer_vlan && numbers[1] == port.vlan
                                   : tags == 1 && customer_tagged && numbers[0] == port.vlan;
    if (port.vlan == 0 ? untagged : as_configured)
        return type;
    if (untagged)
        packet.action = Action::kToKernel;
    else
        packet.drop(DropReason::kVlanNotOurs);
    return type;
}

// Any frame that parse_common() leaves. One call, to keep the loop of parse() small.
[[gnu::noinline]] void parse_uncommon(const Frame& frame, const PortView& port, Packet& packet) {
    if (!parse_plain(frame, port, packet))
        parse_general(frame, port, packet);
}

}  // namespace

void parse_general(const Frame& frame, const PortView& port, Packet& packet) {
    // Copied from memory: a temporary on the stack, written field by field and read as vectors,
    // would wait for its stores.
    static constexpr Packet kUnparsed{};
    packet = kUnparsed;
    const Bytes bytes = frame.bytes();
    if (bytes.size() < sizeof(EthernetHeader))
        return packet.drop(DropReason::kEthernetTruncated);
    const auto destination = load<MacAddress>(bytes, offsetof(EthernetHeader, destination));
    const bool to_group = destination.is_multicast();
    if (!to_group && destination != port.mac)
        return packet.drop(DropReason::kEthernetNotOurs);
    packet.l3_offset = sizeof(EthernetHeader);
    std::uint16_t type = load<Be16>(bytes, offsetof(EthernetHeader, type)).host();
    if (is_tag(type) || port.vlan != 0) {
        type = parse_tags(bytes, type, port, packet);
        if (!packet.undecided())
            return;
    }
    if (type == kEtherTypeIpv4 && !to_group)
        parse_ipv4(bytes, frame.length(), packet);
    else if (type == kEtherTypeIpv6)
        parse_ipv6(bytes, frame.length(), to_group, packet);
    else if (type == kEtherTypeArp)
        parse_arp(bytes, packet);
    else
        packet.action = Action::kToKernel;
}

bool parse(std::span<const Frame> frames, const Tables& tables, std::span<Packet> packets) {
    bool all_common = true;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const PortView& port = tables.ports[frames[i].port()];
        if (parse_common(frames[i], port, packets[i])) [[likely]]
            continue;
        parse_uncommon(frames[i], port, packets[i]);
        all_common = false;
    }
    return all_common;
}

}  // namespace vipfwd::packet
