// SPDX-License-Identifier: Apache-2.0
// The frames from which traffic is made, and the offsets of the fields that differ between flows.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "dataplane/packet/headers.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::bench {

enum class Shape {
    kWhole,          // one frame for each packet
    kFragments,      // UDP datagrams in two fragments, in order
    kFragmentsBack,  // in reverse order
    kIcmpErrors,     // fragmentation needed, about a packet from the service to the client
};

// Ethernet without tags, IP without options. Offsets are from the start of the frame; 0: none.
struct Template {
    std::vector<std::uint8_t> frame;
    std::size_t client_at = 0;  // the address; of an IPv6 address its last four bytes
    std::size_t client_port_at = 0;
    std::size_t service_port_at = 0;
    std::size_t tcp_flags_at = 0;
    std::size_t identification_at = 0;  // of IPv4, where it must differ between datagrams
};

inline constexpr std::size_t kIpAt = sizeof(packet::EthernetHeader);
inline constexpr std::size_t kIpv4PayloadAt = kIpAt + sizeof(packet::Ipv4Header);
inline constexpr std::size_t kIpv6PayloadAt = kIpAt + sizeof(packet::Ipv6Header);
inline constexpr std::size_t kIpv4SourceAt = kIpAt + 12;
inline constexpr std::size_t kSecondPortAt = sizeof(Be16);  // from the first
inline constexpr std::size_t kTcpFlagsAt = 13;              // from the first port

inline Template whole_packet(const packet::sample::Spec& spec, bool v4) {
    const std::size_t ports_at = v4 ? kIpv4PayloadAt : kIpv6PayloadAt;
    return {.frame = v4 ? packet::sample::ipv4(spec) : packet::sample::ipv6(spec),
            .client_at = v4 ? kIpv4SourceAt : kIpAt + 20,
            .client_port_at = ports_at,
            .service_port_at = ports_at + kSecondPortAt,
            .tcp_flags_at = spec.protocol == packet::kIpProtocolTcp ? ports_at + kTcpFlagsAt : 0};
}

// The two fragments of an IPv4 packet that is cut after `cut` bytes, a multiple of 8.
inline std::vector<Template> fragments(const packet::sample::Spec& spec, std::size_t cut) {
    using namespace packet;
    const std::vector<std::uint8_t> whole = sample::ipv4(spec);
    const auto fragment = [&](std::size_t from, std::size_t to, std::uint16_t field) {
        std::vector<std::uint8_t> frame(kIpv4PayloadAt + to - from);
        std::memcpy(&frame[0], &whole[0], kIpv4PayloadAt);
        std::memcpy(&frame[kIpv4PayloadAt], &whole[from], to - from);
        auto ip = load<Ipv4Header>(frame, kIpAt);
        ip.total_length = Be16::from_host(static_cast<std::uint16_t>(frame.size() - kIpAt));
        ip.fragment = Be16::from_host(field);
        store(frame.data() + kIpAt, ip);
        return frame;
    };
    const std::size_t middle = kIpv4PayloadAt + cut;
    return {
        {.frame = fragment(kIpv4PayloadAt, middle, kIpv4MoreFragments),
         .client_at = kIpv4SourceAt,
         .client_port_at = kIpv4PayloadAt,
         .service_port_at = kIpv4PayloadAt + kSecondPortAt,
         .identification_at = kIpAt + 4},
        {.frame = fragment(middle, whole.size(), static_cast<std::uint16_t>(cut / kFragmentUnit)),
         .client_at = kIpv4SourceAt,
         .identification_at = kIpAt + 4}};
}

// The ICMP error of a router about a packet that the service sent; it quotes as much as RFC 792
// requires.
inline Template icmp_error(packet::sample::Spec flow) {
    using namespace packet;
    constexpr std::size_t kQuoteAt = kIpv4PayloadAt + sizeof(IcmpHeader);
    constexpr std::size_t kQuotedBytes = sizeof(Ipv4Header) + 8;
    sample::Spec error = flow;
    error.source = "10.9.9.9";
    error.protocol = kIpProtocolIcmp;
    error.payload = sizeof(IcmpHeader) + kQuotedBytes;
    std::swap(flow.source, flow.destination);
    std::swap(flow.source_port, flow.destination_port);
    const std::vector<std::uint8_t> quoted = sample::ipv4(flow);
    std::vector<std::uint8_t> frame = sample::ipv4(error);
    store(frame.data() + kIpv4PayloadAt,
          IcmpHeader{kIcmpUnreachable, kIcmpFragmentationNeeded, {}, Be32::from_host(1400)});
    std::memcpy(&frame[kQuoteAt], &quoted[kIpAt], kQuotedBytes);
    return {.frame = frame,
            .client_at = kQuoteAt + 16,
            .client_port_at = kQuoteAt + sizeof(Ipv4Header) + kSecondPortAt,
            .service_port_at = kQuoteAt + sizeof(Ipv4Header)};
}

}  // namespace vipfwd::bench
