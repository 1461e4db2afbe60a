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
    kVlanTruncated,
    kVlanNotOurs,
    kArpMalformed,
    kIpv4Truncated,
    kIpv4Version,
    kIpv4HeaderLength,
    kIpv4TotalLength,
    kIpv4Checksum,
    kIpv4TtlZero,
    kIpv4Source,
    kIpv6Truncated,
    kIpv6Version,
    kIpv6PayloadLength,
    kIpv6HopLimitZero,
    kIpv6Source,
    kIpv6ExtensionHeader,
    kNeighborMalformed,
    kTcpTruncated,
    kTcpHeaderLength,
    kUdpTruncated,
    kUdpLength,
    kUdpChecksum,
    kIcmpTruncated,
    kIcmpFragment,
    kIcmpRedirect,
    kIcmpInner,
    kVipNotOwned,
    kVipNotAccepted,
    kFragmentMalformed,
    kFragmentOverlap,
    kFragmentDuplicate,
    kFragmentTimeout,
    kPoolEmpty,
    kNoNextHop,
    kNoTunnelSource,
    kTooBig,
    kNoHeadroom,
    kNoBuffer,
    kWorkerBusy,
    kNoKernelPath,
    kKernelPathFull,
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
    {"vlan_truncated", "frame ends inside a VLAN tag"},
    {"vlan_not_ours", "tagged for another VLAN than the port's, or more often"},
    {"arp_malformed", "ARP packet cut short"},
    {"ipv4_truncated", "frame ends inside the IPv4 header"},
    {"ipv4_version", "ethertype says IPv4, the version field does not"},
    {"ipv4_header_length", "IHL below 5, or beyond the frame"},
    {"ipv4_total_length", "total length below the header's, or beyond the frame"},
    {"ipv4_checksum", "wrong IPv4 header checksum"},
    {"ipv4_ttl_zero", "TTL 0 on the wire"},
    {"ipv4_source", "source is unspecified, broadcast, loopback, multicast or the VIP itself"},
    {"ipv6_truncated", "frame ends inside the IPv6 header"},
    {"ipv6_version", "ethertype says IPv6, the version field does not"},
    {"ipv6_payload_length", "payload length beyond the frame, or a jumbogram"},
    {"ipv6_hop_limit_zero", "hop limit 0 on the wire"},
    {"ipv6_source", "source is unspecified, loopback, multicast, IPv4-mapped or the VIP itself"},
    {"ipv6_extension_header", "extension headers too long, cut short, or with a route still to go"},
    {"neighbor_malformed", "neighbor solicitation for a VIP that RFC 4861 §7.1.1 rejects"},
    {"tcp_truncated", "segment ends inside the TCP header"},
    {"tcp_header_length", "TCP data offset below 5, or beyond the segment"},
    {"udp_truncated", "datagram ends inside the UDP header"},
    {"udp_length", "UDP length below 8, or beyond the datagram"},
    {"udp_checksum", "UDP over IPv6 without a checksum"},
    {"icmp_truncated", "ICMP message ends inside its header"},
    {"icmp_fragment", "ICMP to a VIP in fragments"},
    {"icmp_redirect", "ICMP redirect to a VIP"},
    {"icmp_inner", "ICMP error that quotes no packet of one of the VIP's services"},
    {"vip_not_owned",
     "echo request, or with kernel_address ARP and the like, for a VIP that another gateway owns"},
    {"vip_not_accepted", "to a VIP but to no service, and the VIP's group has accept = false"},
    {"fragment_malformed", "fragment beyond 65535 bytes, empty, or of an odd length"},
    {"fragment_overlap", "fragment that overlaps another, or of a datagram with such"},
    {"fragment_duplicate", "fragment that has been there before"},
    {"fragment_timeout",
     "fragment whose first one did not come in time, or not before too many others"},
    {"pool_empty", "the service's pool has no backend to take the flow"},
    {"no_next_hop", "the backend's next hop is not resolved (yet)"},
    {"no_tunnel_source", "the port towards the backend has no address to tunnel from"},
    {"too_big",
     "exceeds the port's MTU once encapsulated, and its sender has been told often enough"},
    {"no_headroom", "no room in the buffer for the outer header"},
    {"no_buffer", "no free buffer to fragment or hold it in"},
    {"worker_busy", "the worker that gathers the fragment's datagram does not keep up"},
    {"no_kernel_path", "to a VIP but to no service, on a port without a way to the kernel"},
    {"kernel_path_full", "for the kernel, beyond what the port's kernel_limit_pps lets it have"},
    {"transmit_full", "the port's transmit queue stayed full"},
}};

static_assert(kDropReasonCount <= kDropReasonCapacity);

constexpr std::string_view name(DropReason reason) {
    return kDropReasonTexts[static_cast<std::size_t>(reason)].name;
}

}  // namespace vipfwd::abi
