// SPDX-License-Identifier: Apache-2.0
// Fast path of parse_general(), for nearly every packet: an untagged frame to the port's MAC
// address, IP without options or extension headers, not a fragment, with a complete TCP or UDP
// header. It reads headers as a few wide words, and copies a prepared Packet with few fields left
// to fill in. It takes no packet that is malformed or unusual in any way: parse_general() finds out
// why. For each frame that parse_common() takes, both make the same Packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

namespace common {

// The fields that have the same value in all packets of a family that are taken.
constexpr Packet prepare(bool is_v4) {
    Packet packet;
    if (is_v4)
        packet.source = packet.destination = IpAddress::from_v4({});
    packet.l3_offset = sizeof(EthernetHeader);
    packet.l4_offset = sizeof(EthernetHeader) + (is_v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header));
    packet.is_v4 = is_v4;
    packet.kind = Kind::kFlow;
    return packet;
}

inline constexpr Packet kIpv4 = prepare(true);
inline constexpr Packet kIpv6 = prepare(false);

// True if a TCP header (UDP datagram) as long as it says fits into an IP packet of `length` bytes.
inline bool is_whole_tcp(const std::uint8_t* tcp, std::uint32_t ip_header_length,
                         std::uint32_t length) {
    const std::uint32_t header_length = tcp[12] >> 2 & 0x3c;
    return header_length >= sizeof(TcpHeader) && ip_header_length + header_length <= length;
}

inline bool is_whole_udp(const std::uint8_t* udp, std::uint32_t ip_header_length,
                         std::uint32_t length) {
    const std::uint32_t udp_length = load<Be16>({udp, sizeof(UdpHeader)}, 4).host();
    return udp_length >= sizeof(UdpHeader) && ip_header_length + udp_length <= length;
}

inline constexpr auto kAskedBefore = [] { return true; };

// Fills in all but the addresses. False, and `packet` unchanged, if it is neither TCP nor UDP, or
// truncated, or if is_sound() is false, which is asked last.
template <typename IsSound>
[[gnu::always_inline]] inline bool fill(std::span<const std::uint8_t> bytes, const Packet& prepared,
                                        std::uint32_t length, std::uint8_t protocol,
                                        const IsSound& is_sound, Packet& packet) {
    const auto l4 = bytes.subspan(prepared.l4_offset, sizeof(TcpHeader));
    const std::uint32_t ip_header_length = prepared.l4_offset - std::uint32_t{prepared.l3_offset};
    std::uint8_t flags = 0;
    if (protocol == kIpProtocolTcp) [[likely]] {
        if (!is_whole_tcp(l4.data(), ip_header_length, length))
            return false;
        flags = l4[13];
    } else if (protocol != kIpProtocolUdp || !is_whole_udp(l4.data(), ip_header_length, length) ||
               (!prepared.is_v4 && load<Be16>(l4, 6).raw == 0)) {
        return false;
    }
    if (!is_sound())
        return false;
    packet = prepared;
    static_assert(offsetof(Packet, destination_port) == offsetof(Packet, source_port) + 2);
    std::memcpy(&packet.source_port, l4.data(), 2 * sizeof(Be16));  // and destination_port
    packet.ip_length = static_cast<std::uint16_t>(length);
    packet.protocol = protocol;
    packet.tcp_flags = flags;
    return true;
}

}  // namespace common

inline constexpr std::uint32_t kLinkBytes = sizeof(EthernetHeader);

// The bytes of a frame that must be readable.
inline constexpr std::uint32_t kCommonIpv4Bytes =
    kLinkBytes + sizeof(Ipv4Header) + sizeof(TcpHeader);
inline constexpr std::uint32_t kCommonIpv6Bytes =
    kLinkBytes + sizeof(Ipv6Header) + sizeof(TcpHeader);

// The fields of an IPv4 header without options, behind an untagged Ethernet header.
struct PlainIpv4 {
    Be32 source;
    Be32 destination;
    std::uint32_t length;
    Be16 fragment;
};

[[gnu::always_inline]] inline PlainIpv4 read_plain_ipv4(std::span<const std::uint8_t> bytes) {
    return {load<Be32>(bytes, 26), load<Be32>(bytes, 30), load<Be16>(bytes, 16).host(),
            load<Be16>(bytes, 20)};
}

// False if anything is wrong with the header, except that `length` may be less than its own.
[[gnu::always_inline]] inline bool is_sound(const PlainIpv4& ip, const Frame& frame) {
    const auto bytes = frame.bytes();
    const auto first = load<std::uint64_t>(bytes, 14);   // from version to fragment offset
    const auto second = load<std::uint64_t>(bytes, 22);  // from TTL to source
    const std::uint64_t sum = add_words(add_words(first, second), ip.destination.raw);
    return kLinkBytes + ip.length <= frame.length() && fold_sum(sum) == 0xffff && bytes[22] != 0 &&
           ip.source != ip.destination && is_usual_ipv4_source(ip.source);
}

// Both require that many bytes of a frame to the port's MAC address, of the family.
inline bool parse_common_ipv4(const Frame& frame, Packet& packet) {
    const auto bytes = frame.bytes();
    const PlainIpv4 ip = read_plain_ipv4(bytes);
    constexpr std::uint16_t kFragmentBits =
        Be16::from_host(kIpv4OffsetMask | kIpv4MoreFragments).raw;
    const auto ip_is_sound = [&] { return is_sound(ip, frame); };
    if ((ip.fragment.raw & kFragmentBits) != 0 ||
        !common::fill(bytes, common::kIpv4, ip.length, bytes[23], ip_is_sound, packet))
        return false;
    store(&packet.source.bytes[12], ip.source);
    store(&packet.destination.bytes[12], ip.destination);
    return true;
}

inline bool parse_common_ipv6(const Frame& frame, Packet& packet) {
    const auto bytes = frame.bytes();
    const std::uint32_t length = load<Be16>(bytes, 18).host() + std::uint32_t{sizeof(Ipv6Header)};
    const auto source = load<IpAddress>(bytes, 22);
    const auto destination = load<IpAddress>(bytes, 38);
    // Global unicast and unique local source addresses (2000::/3, fc00::/7): others are rare.
    const bool is_usual_source =
        (source.bytes[0] & 0xe0) == 0x20 || (source.bytes[0] & 0xfe) == 0xfc;
    const bool is_unicast = destination.bytes[0] != 0xff && !destination.is_v4();
    const bool is_sound = length <= 0xffff && kLinkBytes + length <= frame.length() &&
                          bytes[21] != 0 && is_usual_source && is_unicast && source != destination;
    if (!is_sound ||
        !common::fill(bytes, common::kIpv6, length, bytes[20], common::kAskedBefore, packet))
        return false;
    packet.source = source;
    packet.destination = destination;
    return true;
}

// True if the destination is the port's MAC address, and the port has no VLAN. One comparison.
// Requires 8 readable bytes.
inline bool is_to(const PortView& port, std::span<const std::uint8_t> bytes) {
    constexpr std::uint64_t kMac = 0xffff'ffff'ffff;  // the destination in a frame's first word
    return (load<std::uint64_t>(bytes, 0) & kMac) == port.mac_and_vlan();
}

// True for IPv4 with a header of 20 bytes, behind an untagged Ethernet header. Requires 16 readable
// bytes.
inline bool has_plain_ipv4(std::span<const std::uint8_t> bytes) {
    constexpr std::uint32_t kIpv4 = 0x450008;  // ethertype, version and header length
    return (load<std::uint32_t>(bytes, 12) & 0xffffff) == kIpv4;
}

// False, and `packet` unchanged, if the frame is left to parse_general().
inline bool parse_common(const Frame& frame, const PortView& port, Packet& packet) {
    const auto bytes = frame.bytes();
    if (bytes.size() < kCommonIpv4Bytes || !is_to(port, bytes))
        return false;
    if (has_plain_ipv4(bytes)) [[likely]]
        return parse_common_ipv4(frame, packet);
    const auto family = load<std::uint32_t>(bytes, 12);
    constexpr std::uint32_t kIpv6 = 0x60dd86;
    return (family & 0xf0ffff) == kIpv6 && bytes.size() >= kCommonIpv6Bytes &&
           parse_common_ipv6(frame, packet);
}

}  // namespace vipfwd::packet
