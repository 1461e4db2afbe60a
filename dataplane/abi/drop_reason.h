// SPDX-License-Identifier: Apache-2.0
// Why a packet was dropped. Every reason has a name (in the CLI and in metrics), a sentence for the
// operator, and a counter a worker.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vipfwd::abi {

enum class DropReason : std::uint8_t {
    kEthernetTruncated,
    kEthernetNotOurs,
    kArpMalformed,
    kIpv4Truncated,
    kIpv4Version,
    kIpv4HeaderLength,
    kIpv4TotalLength,
    kIpv4Checksum,
    kIpv4TtlZero,
    kIpv4Source,
    kFragment,
    kTcpTruncated,
    kTcpHeaderLength,
    kUdpTruncated,
    kUdpLength,
    kPoolEmpty,
    kNoNextHop,
    kNoTunnelSource,
    kForwardUnsupported,
    kTooBig,
    kNoHeadroom,
    kNoKernelPath,
    kTransmitFull,
};

inline constexpr std::size_t kDropReasonCount =
    static_cast<std::size_t>(DropReason::kTransmitFull) + 1;
inline constexpr std::size_t kDropReasonCapacity = 64;  // counters reserved in the region

struct DropReasonText {
    std::string_view name;
    std::string_view description;
};

// Indexed by DropReason.
inline constexpr std::array<DropReasonText, kDropReasonCount> kDropReasonTexts{{
    {"ethernet_truncated", "frame shorter than an Ethernet header"},
    {"ethernet_not_ours", "unicast frame to another MAC address"},
    {"arp_malformed", "ARP packet cut short"},
    {"ipv4_truncated", "frame ends inside the IPv4 header"},
    {"ipv4_version", "ethertype says IPv4, the version field does not"},
    {"ipv4_header_length", "IHL below 5, or beyond the frame"},
    {"ipv4_total_length", "total length below the header's, or beyond the frame"},
    {"ipv4_checksum", "wrong IPv4 header checksum"},
    {"ipv4_ttl_zero", "TTL 0 on the wire"},
    {"ipv4_source", "source is unspecified, broadcast, loopback, multicast or the VIP itself"},
    {"fragment", "fragment to a VIP (not supported yet)"},
    {"tcp_truncated", "segment ends inside the TCP header"},
    {"tcp_header_length", "TCP data offset below 5, or beyond the segment"},
    {"udp_truncated", "datagram ends inside the UDP header"},
    {"udp_length", "UDP length below 8, or beyond the datagram"},
    {"pool_empty", "the service's pool has no backend to take the flow"},
    {"no_next_hop", "the backend's next hop is not resolved (yet)"},
    {"no_tunnel_source", "the port towards the backend has no address to tunnel from"},
    {"forward_unsupported", "the dataplane does not know this service's forwarding mode"},
    {"too_big", "exceeds the port's MTU once encapsulated"},
    {"no_headroom", "no room in the buffer for the outer header"},
    {"no_kernel_path", "to a VIP but to no service, on a port without a way to the kernel"},
    {"transmit_full", "the port's transmit queue stayed full"},
}};

static_assert(kDropReasonCount <= kDropReasonCapacity);

constexpr std::string_view name(DropReason reason) {
    return kDropReasonTexts[static_cast<std::size_t>(reason)].name;
}

}  // namespace vipfwd::abi
