// SPDX-License-Identifier: Apache-2.0
// Builds frames. Deliberately independent of the code under test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

// VIPs.
inline constexpr std::string_view kVip = "10.0.0.100";
inline constexpr std::string_view kVip6 = "fd00::100";

inline constexpr unsigned kIpv4 = 0x0800;  // ethertypes
inline constexpr unsigned kIpv6 = 0x86dd;

// The first `count` bytes.
inline Bytes start(const Bytes& bytes, std::size_t count) {
    return Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
}

inline Bytes be16(unsigned value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

inline Bytes address_bytes(std::string_view text) {
    const IpAddress address = parse_ip(text).value();
    return Bytes(address.bytes.begin() + (address.is_v4() ? 12 : 0), address.bytes.end());
}

// All 16 bytes; an IPv4 address is mapped.
inline Bytes ipv6_bytes(std::string_view text) {
    const IpAddress address = parse_ip(text).value();
    return Bytes(address.bytes.begin(), address.bytes.end());
}

inline Bytes ethernet(unsigned ethertype, const Bytes& payload) {
    return Bytes{2, 0, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 1} + be16(ethertype) + payload;
}

// An 802.1Q tag and its payload, for a frame of EtherType 0x8100 or 0x88a8.
inline Bytes tagged(unsigned control, unsigned ethertype, const Bytes& payload) {
    return be16(control) + be16(ethertype) + payload;
}

// RFC 1071.
inline unsigned internet_checksum(const Bytes& bytes) {
    unsigned sum = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        sum += static_cast<unsigned>(bytes[i] << 8 | bytes[i + 1]);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

// An IPv4 header. Fields without a value are computed for the payload.
struct Ipv4 {
    std::string_view source = "192.0.2.1";
    std::string_view destination = kVip;
    std::uint8_t protocol = 17;
    std::uint8_t traffic_class = 0;
    std::uint8_t ttl = 64;
    unsigned version = 4;
    unsigned fragment = 0;  // flags and offset
    Bytes options{};
    std::optional<unsigned> header_words{};
    std::optional<unsigned> total_length{};
    unsigned checksum_error = 0;
};

inline Bytes ipv4(const Ipv4& header, const Bytes& payload) {
    const std::size_t header_bytes = 20 + header.options.size();
    const unsigned words = header.header_words.value_or(static_cast<unsigned>(header_bytes / 4));
    const unsigned total =
        header.total_length.value_or(static_cast<unsigned>(header_bytes + payload.size()));
    Bytes bytes{static_cast<std::uint8_t>(header.version << 4 | words), header.traffic_class};
    bytes = bytes + be16(total) + be16(0x1234) + be16(header.fragment) +
            Bytes{header.ttl, header.protocol};
    const Bytes addresses = address_bytes(header.source) + address_bytes(header.destination);
    const unsigned checksum =
        internet_checksum(bytes + be16(0) + addresses + header.options) ^ header.checksum_error;
    return bytes + be16(checksum) + addresses + header.options + payload;
}

// An IPv6 header. Fields without a value are computed for the payload.
struct Ipv6 {
    std::string_view source = "2001:db8::1";
    std::string_view destination = kVip6;
    std::uint8_t next_header = 17;
    std::uint8_t traffic_class = 0;
    std::uint8_t hop_limit = 64;
    unsigned version = 6;
    std::optional<unsigned> payload_length{};
};

// RFC 8200 §3.
inline Bytes ipv6(const Ipv6& header, const Bytes& payload) {
    const unsigned first_word =
        header.version << 28 | static_cast<unsigned>(header.traffic_class) << 20 | 0x12345;
    return be16(first_word >> 16) + be16(first_word & 0xffff) +
           be16(header.payload_length.value_or(static_cast<unsigned>(payload.size()))) +
           Bytes{header.next_header, header.hop_limit} + ipv6_bytes(header.source) +
           ipv6_bytes(header.destination) + payload;
}

struct Udp {
    unsigned destination = 80;
    std::optional<unsigned> length{};
    unsigned checksum = 0;  // none
};

inline Bytes udp(const Udp& header, const Bytes& payload) {
    return be16(4242) + be16(header.destination) +
           be16(header.length.value_or(static_cast<unsigned>(8 + payload.size()))) +
           be16(header.checksum) + payload;
}

// A UDP datagram with 12 bytes of payload.
inline Bytes udp() {
    return udp({}, Bytes(12, 'x'));
}

}  // namespace vipfwd::test
