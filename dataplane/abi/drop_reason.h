// SPDX-License-Identifier: Apache-2.0
// Why a packet was dropped. Every reason has a name (in the CLI and in metrics), a sentence for the
// operator, and a counter in each worker.
//
// To add a reason, add its enumerator and its row here, drop packets for it in the packet path, and
// write a case in tests/e2e/replay/cases/ (tests/e2e/replay/test_drops.py fails while a reason has
// none, or is not listed there as tested elsewhere).
// The number of a reason is the place of its counter in the region: unless the new reason becomes
// the last one, raise kAbiVersion (region.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/enum.h"

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
    kPortClosed,
    kLast = kPortClosed,
};

inline constexpr std::size_t kDropReasonCount = kEnumCount<DropReason>;
inline constexpr std::size_t kDropReasonCapacity = 64;  // counters reserved in the region

struct DropReasonText {
    DropReason reason;
    std::string_view name;
    std::string_view description;
};

inline constexpr std::array<DropReasonText, kDropReasonCount> kDropReasonTexts{{
    {DropReason::kEthernetTruncated, "ethernet_truncated", "frame shorter than an Ethernet header"},
    {DropReason::kEthernetNotOurs, "ethernet_not_ours", "unicast frame to another MAC address"},
    {DropReason::kVlanTruncated, "vlan_truncated", "frame ends inside a VLAN tag"},
    {DropReason::kVlanNotOurs, "vlan_not_ours",
     "tagged for another VLAN than the port's, or with too many tags"},
    {DropReason::kArpMalformed, "arp_malformed", "ARP packet cut short"},
    {DropReason::kIpv4Truncated, "ipv4_truncated", "frame ends inside the IPv4 header"},
    {DropReason::kIpv4Version, "ipv4_version", "ethertype says IPv4, the version field does not"},
    {DropReason::kIpv4HeaderLength, "ipv4_header_length", "IHL below 5, or beyond the frame"},
    {DropReason::kIpv4TotalLength, "ipv4_total_length",
     "total length below the header's, or beyond the frame"},
    {DropReason::kIpv4Checksum, "ipv4_checksum", "wrong IPv4 header checksum"},
    {DropReason::kIpv4TtlZero, "ipv4_ttl_zero", "TTL 0 on the wire"},
    {DropReason::kIpv4Source, "ipv4_source",
     "source is unspecified, broadcast, loopback, multicast or the VIP itself"},
    {DropReason::kIpv6Truncated, "ipv6_truncated", "frame ends inside the IPv6 header"},
    {DropReason::kIpv6Version, "ipv6_version", "ethertype says IPv6, the version field does not"},
    {DropReason::kIpv6PayloadLength, "ipv6_payload_length",
     "payload length beyond the frame, or a jumbogram"},
    {DropReason::kIpv6HopLimitZero, "ipv6_hop_limit_zero", "hop limit 0 on the wire"},
    {DropReason::kIpv6Source, "ipv6_source",
     "source is unspecified, loopback, multicast, IPv4-mapped or the VIP itself"},
    {DropReason::kIpv6ExtensionHeader, "ipv6_extension_header",
     "extension headers too long, cut short, or a routing header with segments left"},
    {DropReason::kNeighborMalformed, "neighbor_malformed",
     "neighbor solicitation for a VIP that RFC 4861 §7.1.1 rejects"},
    {DropReason::kTcpTruncated, "tcp_truncated", "segment ends inside the TCP header"},
    {DropReason::kTcpHeaderLength, "tcp_header_length",
     "TCP data offset below 5, or beyond the segment"},
    {DropReason::kUdpTruncated, "udp_truncated", "datagram ends inside the UDP header"},
    {DropReason::kUdpLength, "udp_length", "UDP length below 8, or beyond the datagram"},
    {DropReason::kUdpChecksum, "udp_checksum", "UDP over IPv6 without a checksum"},
    {DropReason::kIcmpTruncated, "icmp_truncated", "ICMP message ends inside its header"},
    {DropReason::kIcmpFragment, "icmp_fragment", "fragment of an ICMP message to a VIP"},
    {DropReason::kIcmpRedirect, "icmp_redirect", "ICMP redirect to a VIP"},
    {DropReason::kIcmpInner, "icmp_inner",
     "ICMP error that quotes no packet of one of the VIP's services"},
    {DropReason::kVipNotOwned, "vip_not_owned",
     "echo request to a VIP that this gateway does not own; with kernel_address, also an ARP "
     "request or neighbor solicitation for it"},
    {DropReason::kVipNotAccepted, "vip_not_accepted",
     "to a VIP but to no service, and the VIP's group has accept = false"},
    {DropReason::kFragmentMalformed, "fragment_malformed",
     "fragment that is empty, ends beyond 65535 bytes, or is not the last and not a multiple of 8 "
     "bytes long"},
    {DropReason::kFragmentOverlap, "fragment_overlap",
     "fragment of a datagram in which fragments overlap"},
    {DropReason::kFragmentDuplicate, "fragment_duplicate",
     "fragment that has been received before"},
    {DropReason::kFragmentTimeout, "fragment_timeout",
     "fragment whose datagram's first fragment did not arrive in time, or was outrun by too many "
     "others"},
    {DropReason::kPoolEmpty, "pool_empty", "the service's pool has no backend to take the flow"},
    {DropReason::kNoNextHop, "no_next_hop", "the backend's next hop is not resolved (yet)"},
    {DropReason::kNoTunnelSource, "no_tunnel_source",
     "the port towards the backend has no address to tunnel from"},
    {DropReason::kTooBig, "too_big",
     "exceeds the port's MTU once encapsulated; its sender is not told (rate limit, later "
     "fragment, ICMP error)"},
    {DropReason::kNoHeadroom, "no_headroom", "no room in the buffer for the outer header"},
    {DropReason::kNoBuffer, "no_buffer", "no free buffer to fragment or hold it in"},
    {DropReason::kWorkerBusy, "worker_busy",
     "the worker that gathers the fragment's datagram does not keep up"},
    {DropReason::kNoKernelPath, "no_kernel_path",
     "to a VIP but to no service, on a port without a path to the kernel"},
    {DropReason::kKernelPathFull, "kernel_path_full",
     "for the kernel, beyond the port's kernel_limit_pps"},
    {DropReason::kTransmitFull, "transmit_full", "the port's transmit queue stayed full"},
    {DropReason::kPortClosed, "port_closed", "the port's interface is gone"},
}};
static_assert(is_indexed_by(kDropReasonTexts, &DropReasonText::reason));
static_assert(kDropReasonCount <= kDropReasonCapacity);

constexpr std::string_view name(DropReason reason) {
    return kDropReasonTexts[static_cast<std::size_t>(reason)].name;
}

}  // namespace vipfwd::abi
