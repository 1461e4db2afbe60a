// SPDX-License-Identifier: Apache-2.0
// Protocol headers as they are on the wire. load() and store() copy them, so any alignment will do.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/abi/address.h"

namespace vipfwd::packet {

struct EthernetHeader {
    MacAddress destination;
    MacAddress source;
    Be16 type;
};

inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherTypeArp = 0x0806;
inline constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
inline constexpr std::uint16_t kEtherTypeVlan = 0x8100;         // IEEE 802.1Q
inline constexpr std::uint16_t kEtherTypeServiceVlan = 0x88a8;  // IEEE 802.1ad

// Follows an EthernetHeader, or another tag, whose type is kEtherTypeVlan or kEtherTypeServiceVlan.
struct VlanTag {
    Be16 control;  // priority and VLAN number
    Be16 type;     // EtherType of what follows the tag
};

inline constexpr std::uint16_t kVlanNumberMask = 0x0fff;

inline constexpr MacAddress kBroadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

// An IPv4 address in ARP, where it is not on a 4-byte boundary.
using WireIpv4 = std::array<std::uint8_t, 4>;

// RFC 826, for IPv4 over Ethernet.
struct ArpPacket {
    Be16 hardware_type;
    Be16 protocol_type;
    std::uint8_t hardware_length;
    std::uint8_t protocol_length;
    Be16 operation;
    MacAddress sender_mac;
    WireIpv4 sender_ip;
    MacAddress target_mac;
    WireIpv4 target_ip;
};

inline constexpr std::uint16_t kArpHardwareEthernet = 1;
inline constexpr std::uint16_t kArpOperationRequest = 1;
inline constexpr std::uint16_t kArpOperationReply = 2;

// RFC 791 §3.1.
struct Ipv4Header {
    std::uint8_t version_ihl;
    std::uint8_t tos;
    Be16 total_length;
    Be16 identification;
    Be16 fragment;  // flags and offset
    std::uint8_t ttl;
    std::uint8_t protocol;
    Be16 checksum;
    Be32 source;
    Be32 destination;
};

// True for addresses that RFC 1122 §3.2.1.3 allows as a source, and for most of 0.0.0.0/8 and
// 240.0.0.0/4, which are reserved but in use: Linux treats them as unicast.
constexpr bool is_possible_ipv4_source(Be32 address) {
    const std::uint32_t first = address.raw & 0xff;
    const bool is_multicast = first >= 224 && first < 240;
    return address.raw != 0 && address.raw != 0xffffffff && first != 127 && !is_multicast;
}

// The same without 0.0.0.0/8 and 240.0.0.0/4, with fewer instructions.
constexpr bool is_usual_ipv4_source(Be32 address) {
    const std::uint32_t first = address.raw & 0xff;
    return first - 1 < 223 && first != 127;
}

inline constexpr std::uint16_t kIpv4DontFragment = 0x4000;
inline constexpr std::uint16_t kIpv4MoreFragments = 0x2000;
inline constexpr std::uint16_t kIpv4OffsetMask = 0x1fff;  // in units of 8 bytes

inline constexpr std::uint32_t kSmallestIpv4Mtu = 68;  // RFC 791 §3.2
inline constexpr std::uint32_t kFragmentUnit = 8;      // bytes; fragment offsets count in this unit
inline constexpr std::uint32_t kLargestDatagram = 65535;  // bytes of a reassembled IP payload

// RFC 8200 §3.
struct Ipv6Header {
    Be32 version_class_label;
    Be16 payload_length;
    std::uint8_t next_header;
    std::uint8_t hop_limit;
    IpAddress source;
    IpAddress destination;
};

// RFC 8200 §4.5.
struct Ipv6FragmentHeader {
    std::uint8_t next_header;
    std::uint8_t reserved;
    Be16 fragment;  // offset in bytes | more fragments
    Be32 identification;
};

inline constexpr std::uint16_t kIpv6MoreFragments = 0x0001;
inline constexpr std::uint16_t kIpv6OffsetMask = 0xfff8;  // in bytes

// Protocol numbers of IPv4, next header numbers of IPv6.
inline constexpr std::uint8_t kIpProtocolHopByHop = 0;
inline constexpr std::uint8_t kIpProtocolIcmp = 1;
inline constexpr std::uint8_t kIpProtocolIpip = 4;
inline constexpr std::uint8_t kIpProtocolTcp = 6;
inline constexpr std::uint8_t kIpProtocolUdp = 17;
inline constexpr std::uint8_t kIpProtocolIpv6 = 41;
inline constexpr std::uint8_t kIpProtocolRouting = 43;
inline constexpr std::uint8_t kIpProtocolFragment = 44;
inline constexpr std::uint8_t kIpProtocolIcmpv6 = 58;
inline constexpr std::uint8_t kIpProtocolNone = 59;
inline constexpr std::uint8_t kIpProtocolDestinationOptions = 60;

// RFC 9293 §3.1, without options.
struct TcpHeader {
    Be16 source_port;
    Be16 destination_port;
    Be32 sequence;
    Be32 acknowledgement;
    std::uint8_t data_offset;  // high nibble, in words
    std::uint8_t flags;
    Be16 window;
    Be16 checksum;
    Be16 urgent;
};

inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpRst = 0x04;
inline constexpr std::uint8_t kTcpAck = 0x10;

// RFC 768.
struct UdpHeader {
    Be16 source_port;
    Be16 destination_port;
    Be16 length;
    Be16 checksum;
};

// RFC 792, RFC 4443.
struct IcmpHeader {
    std::uint8_t type;
    std::uint8_t code;
    Be16 checksum;
    Be32 rest;  // depends on the type: identifier and sequence, MTU ...
};

inline constexpr std::uint8_t kIcmpEchoReply = 0;
inline constexpr std::uint8_t kIcmpUnreachable = 3;
inline constexpr std::uint8_t kIcmpFragmentationNeeded = 4;  // a code of kIcmpUnreachable
inline constexpr std::uint8_t kIcmpSourceQuench = 4;
inline constexpr std::uint8_t kIcmpRedirect = 5;
inline constexpr std::uint8_t kIcmpEchoRequest = 8;
inline constexpr std::uint8_t kIcmpTimeExceeded = 11;
inline constexpr std::uint8_t kIcmpParameterProblem = 12;

inline constexpr std::uint8_t kIcmpv6Unreachable = 1;
inline constexpr std::uint8_t kIcmpv6TooBig = 2;
inline constexpr std::uint8_t kIcmpv6ParameterProblem = 4;
inline constexpr std::uint8_t kIcmpv6EchoRequest = 128;
inline constexpr std::uint8_t kIcmpv6EchoReply = 129;
inline constexpr std::uint8_t kIcmpv6NeighborSolicitation = 135;
inline constexpr std::uint8_t kIcmpv6NeighborAdvertisement = 136;
inline constexpr std::uint8_t kIcmpv6Redirect = 137;

// RFC 4861 §4.3, §4.4: solicitation and advertisement, without options.
struct NeighborMessage {
    IcmpHeader icmp;  // rest: flags of an advertisement
    IpAddress target;
};

inline constexpr std::uint32_t kNeighborRouter = 0x80000000;
inline constexpr std::uint32_t kNeighborSolicited = 0x40000000;
inline constexpr std::uint32_t kNeighborOverride = 0x20000000;

// RFC 4861 §4.6.1, for Ethernet.
struct NeighborLinkOption {
    std::uint8_t type;
    std::uint8_t length;  // in units of 8 bytes: 1
    MacAddress address;
};

inline constexpr std::uint8_t kNeighborSourceLink = 1;
inline constexpr std::uint8_t kNeighborTargetLink = 2;

// draft-ietf-intarea-gue §3, version 0 without optional fields.
struct GueHeader {
    std::uint8_t version_length;  // 0
    std::uint8_t protocol;        // of the payload of a data message
    Be16 flags;                   // 0
};

static_assert(sizeof(EthernetHeader) == 14);
static_assert(sizeof(VlanTag) == 4);
static_assert(sizeof(Ipv6Header) == 40);
static_assert(sizeof(Ipv6FragmentHeader) == 8);
static_assert(sizeof(IcmpHeader) == 8);
static_assert(sizeof(NeighborMessage) == 24);
static_assert(sizeof(NeighborLinkOption) == 8);
static_assert(sizeof(GueHeader) == 4);
static_assert(sizeof(ArpPacket) == 28);
static_assert(sizeof(Ipv4Header) == 20);
static_assert(sizeof(TcpHeader) == 20);
static_assert(sizeof(UdpHeader) == 8);

// Requires offset + sizeof(Header) <= bytes.size().
template <typename Header>
Header load(std::span<const std::uint8_t> bytes, std::size_t offset) {
    Header header;
    std::memcpy(&header, bytes.data() + offset, sizeof header);
    return header;
}

template <typename Header>
void store(std::uint8_t* place, const Header& header) {
    std::memcpy(place, &header, sizeof header);
}

}  // namespace vipfwd::packet
