// SPDX-License-Identifier: Apache-2.0
// Headers as they stand on the wire, and how to read one: by value, from any alignment.
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

// An IPv4 address where ARP puts it: not on a 4-byte boundary.
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
inline constexpr std::uint16_t kArpRequest = 1;
inline constexpr std::uint16_t kArpReply = 2;

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

inline constexpr std::uint16_t kIpv4DontFragment = 0x4000;
inline constexpr std::uint16_t kIpv4FragmentMask = 0x3fff;  // more fragments, or an offset
inline constexpr std::uint8_t kIpProtocolIpip = 4;
inline constexpr std::uint8_t kIpProtocolTcp = 6;
inline constexpr std::uint8_t kIpProtocolUdp = 17;

// RFC 9293 §3.1, the fixed part.
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

static_assert(sizeof(EthernetHeader) == 14);
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
