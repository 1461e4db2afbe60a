// SPDX-License-Identifier: Apache-2.0
// Cases of the decapsulator: a frame, and what becomes of it on a backend with the
// addresses 10.0.0.11 and fd00::11, and the VIPs 10.0.0.100 and fd00::100.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/bpf/decap_counters.h"
#include "tests/dataplane/bpf/frames.h"

namespace vipfwd::test {

inline constexpr std::uint8_t kIpip = 4;  // protocol numbers
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kIpv6InIp = 41;
inline constexpr unsigned kGuePort = 6080;

inline constexpr std::uint8_t kNotEct = 0;  // ECN fields, RFC 3168
inline constexpr std::uint8_t kEct1 = 1;
inline constexpr std::uint8_t kEct0 = 2;
inline constexpr std::uint8_t kCe = 3;

inline constexpr std::string_view kBackend = "10.0.0.11";
inline constexpr std::string_view kBackend6 = "fd00::11";

// An allowed source prefix. `length` is its length in bits, for the family of the address.
struct AllowedSource {
    std::string_view network;
    std::uint32_t length = 0;
};

struct DecapCase {
    std::string sentence;  // the name of the test
    Bytes in;
    std::uint32_t action;
    Bytes out;
    std::optional<decap_counter> counted;  // none: no counter changes
    std::vector<AllowedSource> allowed{};  // empty: all sources
};

inline void PrintTo(const DecapCase& one, std::ostream* out) {
    *out << one.sentence;
}

// `inner` is an IPv4 or IPv6 packet, with or without padding.
DecapCase unwrapped(std::string sentence, Bytes in, const Bytes& inner);
DecapCase dropped(std::string sentence, const Bytes& in, decap_counter reason);
DecapCase untouched(std::string sentence, const Bytes& in);

// The outer headers of a tunnel from the gateway to this backend.
Ipv4 tunnel(std::uint8_t protocol = kIpip);
Ipv6 tunnel6(std::uint8_t next_header = kIpip);
Bytes over4(const Ipv4& outer, const Bytes& payload);  // both return frames
Bytes over6(const Ipv6& outer, const Bytes& payload);

template <typename Header, typename Change>
Header changed(Header header, Change change) {
    change(header);
    return header;
}

struct Gue {
    unsigned variant = 0;
    unsigned control = 0;
    std::uint8_t protocol = kIpip;
    unsigned flags = 0;
    Bytes options{};
    std::optional<unsigned> words{};
};

Bytes gue(const Gue& header, const Bytes& payload);

// All encapsulations and families; a family is 4 or 6.
struct Shape {
    unsigned outer;
    bool is_gue;
    unsigned inner;
};

inline constexpr std::array<Shape, 8> kShapes{{{4, false, 4},
                                               {4, false, 6},
                                               {6, false, 4},
                                               {6, false, 6},
                                               {4, true, 4},
                                               {4, true, 6},
                                               {6, true, 4},
                                               {6, true, 6}}};

std::string name(const Shape& shape);  // "Ipv6InGueOverIpv4"
Bytes wrap(const Shape& shape, const Bytes& inner, std::uint8_t traffic_class = 0);
std::size_t bytes_before_inner(const Shape& shape);  // in the frame
Bytes client_packet(unsigned family, std::uint8_t traffic_class = 0, std::uint8_t hops = 64);

std::vector<DecapCase> outer_cases();
std::vector<DecapCase> gue_cases();
std::vector<DecapCase> inner_cases();
std::vector<DecapCase> decap_cases();  // all of them

}  // namespace vipfwd::test
