// SPDX-License-Identifier: Apache-2.0
// What nearly every packet is, judged at once: an untagged frame to our MAC address, IP without
// options or extension headers, not a fragment, with whole TCP or UDP. Headers are read as few wide
// words, and the Packet is written once. Whatever is not that, or odd in any way, is left to
// parse's parts, which say why; both agree on what they both take.
#pragma once

#include <cstdint>

#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/tables.h"
#include "dataplane/packet/wire.h"

namespace vipfwd::packet {

namespace common {

// A 16-bit field, that many bytes into a word as it was read.
constexpr std::uint16_t field16(std::uint64_t word, unsigned offset) {
    return Be16{static_cast<std::uint16_t>(word >> (8 * offset))}.host();
}

constexpr std::uint8_t byte(std::uint64_t word, unsigned offset) {
    return static_cast<std::uint8_t>(word >> (8 * offset));
}

// `length` counts from where TCP or UDP begins.
inline bool is_whole_tcp(std::uint8_t data_offset, std::uint32_t length) {
    const std::uint32_t header_length = (data_offset >> 4) * 4u;
    return header_length >= sizeof(TcpHeader) && header_length <= length;
}

inline bool is_whole_udp(std::uint64_t header, std::uint32_t length) {
    const std::uint32_t udp_length = field16(header, 4);
    return udp_length >= sizeof(UdpHeader) && udp_length <= length;
}

// All but the addresses; false if it is neither TCP nor UDP, or not whole. `header_length` is IP's,
// `length` the whole packet's.
inline bool fill(const Frame& frame, std::uint32_t header_length, std::uint32_t length,
                 std::uint8_t protocol, bool is_v4, Packet& packet) {
    const std::uint32_t l4_offset = sizeof(EthernetHeader) + header_length;
    const std::uint8_t* const l4 = frame.bytes().data() + l4_offset;
    const auto begin = load<std::uint64_t>(frame.bytes(), l4_offset);
    std::uint8_t flags = 0;
    if (protocol == kIpProtocolTcp) {
        if (!is_whole_tcp(l4[12], length - header_length))
            return false;
        flags = l4[13];
    } else if (protocol != kIpProtocolUdp || !is_whole_udp(begin, length - header_length) ||
               (!is_v4 && field16(begin, 6) == 0)) {
        return false;
    }
    packet.source_port = {static_cast<std::uint16_t>(begin)};
    packet.destination_port = {static_cast<std::uint16_t>(begin >> 16)};
    packet.service = kNone;
    packet.backend = kNone;
    packet.ip_length = static_cast<std::uint16_t>(length);
    packet.l4_offset = static_cast<std::uint16_t>(l4_offset);
    packet.l3_offset = sizeof(EthernetHeader);
    packet.protocol = protocol;
    packet.tcp_flags = flags;
    packet.is_v4 = is_v4;
    packet.kind = Kind::kFlow;
    packet.action = Action::kUndecided;
    packet.has_fault = false;
    return true;
}

}  // namespace common

// What can be read of a frame that is parsed here.
inline constexpr std::uint32_t kCommonIpv4Bytes =
    sizeof(EthernetHeader) + sizeof(Ipv4Header) + sizeof(TcpHeader);
inline constexpr std::uint32_t kCommonIpv6Bytes =
    sizeof(EthernetHeader) + sizeof(Ipv6Header) + sizeof(TcpHeader);

// These require that much of a frame to our MAC address, of the family.
inline bool parse_common_ipv4(const Frame& frame, Packet& packet) {
    const auto bytes = frame.bytes();
    const auto first = load<std::uint64_t>(bytes, 14);   // version to fragment offset
    const auto second = load<std::uint64_t>(bytes, 22);  // TTL to source
    const auto destination = load<std::uint32_t>(bytes, 30);
    const std::uint32_t length = common::field16(first, 2);
    constexpr std::uint64_t kFragmentBits =
        std::uint64_t{Be16::from_host(kIpv4OffsetMask | kIpv4MoreFragments).raw} << 48;
    const std::uint16_t sum = fold_sum((first & 0xffffffff) + (first >> 32) +
                                       (second & 0xffffffff) + (second >> 32) + destination);
    const auto source = static_cast<std::uint32_t>(second >> 32);
    const bool is_sound = length >= sizeof(Ipv4Header) + sizeof(UdpHeader) &&
                          length <= frame.length() - sizeof(EthernetHeader) &&
                          (first & kFragmentBits) == 0 && sum == 0xffff &&
                          common::byte(second, 0) != 0 && source != destination &&
                          is_possible_ipv4_source({source});
    if (!is_sound)
        return false;
    packet.source = IpAddress::from_v4({source});
    packet.destination = IpAddress::from_v4({destination});
    return common::fill(frame, sizeof(Ipv4Header), length, common::byte(second, 1), true, packet);
}

inline bool parse_common_ipv6(const Frame& frame, Packet& packet) {
    const auto bytes = frame.bytes();
    const auto first = load<std::uint64_t>(bytes, 14);  // version to hop limit
    const std::uint32_t length = common::field16(first, 4) + std::uint32_t{sizeof(Ipv6Header)};
    const auto source = load<IpAddress>(bytes, 22);
    const auto destination = load<IpAddress>(bytes, 38);
    // Global unicast and unique local source addresses (2000::/3, fc00::/7); all others are rare.
    const bool is_usual_source =
        (source.bytes[0] & 0xe0) == 0x20 || (source.bytes[0] & 0xfe) == 0xfc;
    const bool is_unicast = destination.bytes[0] != 0xff && !destination.is_v4();
    const bool is_sound = length >= sizeof(Ipv6Header) + sizeof(UdpHeader) && length <= 0xffff &&
                          length <= frame.length() - sizeof(EthernetHeader) &&
                          common::byte(first, 7) != 0 && is_usual_source && is_unicast &&
                          source != destination;
    if (!is_sound)
        return false;
    packet.source = source;
    packet.destination = destination;
    return common::fill(frame, sizeof(Ipv6Header), length, common::byte(first, 6), false, packet);
}

// False leaves `packet` half written.
inline bool parse_common(const Frame& frame, const PortView& port, Packet& packet) {
    const auto bytes = frame.bytes();
    if (bytes.size() < kCommonIpv4Bytes || port.vlan != 0 ||
        std::memcmp(bytes.data(), &port.mac, sizeof port.mac) != 0)
        return false;
    const auto family = load<std::uint32_t>(bytes, 12);
    constexpr std::uint32_t kIpv4 = 0x450008;  // ethertype, version and header length
    constexpr std::uint32_t kIpv6 = 0x60dd86;
    if ((family & 0xffffff) == kIpv4)
        return parse_common_ipv4(frame, packet);
    return (family & 0xf0ffff) == kIpv6 && bytes.size() >= kCommonIpv6Bytes &&
           parse_common_ipv6(frame, packet);
}

}  // namespace vipfwd::packet
