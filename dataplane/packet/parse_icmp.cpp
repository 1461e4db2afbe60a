// SPDX-License-Identifier: Apache-2.0
// ICMP (RFC 792) and ICMPv6 (RFC 4443): echo requests, errors about flows, and neighbor
// solicitations (RFC 4861).
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/extension_headers.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/parse_parts.h"

namespace vipfwd::packet {
namespace {

constexpr std::size_t kQuotedBytes = 8;  // of the quoted packet's IP payload, at least (RFC 792)
constexpr std::size_t kIpv4At = 12;      // in an IpAddress

bool has_ports(std::uint8_t protocol) {
    return protocol == kIpProtocolTcp || protocol == kIpProtocolUdp;
}

// The functions below read the packet that an ICMP error quotes: a backend sent it to a client,
// with the VIP as its source. The flow that they note is in the direction from client to VIP. They
// do not check lengths and checksums: the quote may be truncated, and routers change headers.

// Requires kQuotedBytes of TCP or UDP.
void note_flow(const std::uint8_t* quoted_ports, std::uint8_t protocol, Packet& packet) {
    packet.kind = Kind::kIcmpError;
    packet.protocol = protocol;
    packet.destination_port = load<Be16>({quoted_ports, kQuotedBytes}, 0);
    packet.source_port = load<Be16>({quoted_ports, kQuotedBytes}, sizeof(Be16));
}

// Compares and changes only the IPv4 addresses within the packet's, as they have just been written:
// to read more would wait until all of it is in the cache.
void parse_ipv4_quote(Bytes quoted, Packet& packet) {
    if (quoted.size() < sizeof(Ipv4Header) + kQuotedBytes)
        return packet.note_fault(DropReason::kIcmpInner);
    const auto ip = load<Ipv4Header>(quoted, 0);
    const std::uint32_t header_length = (ip.version_ihl & 0xf) * 4u;
    const bool is_good = ip.version_ihl >> 4 == 4 && header_length >= sizeof ip &&
                         header_length + kQuotedBytes <= quoted.size() &&
                         (ip.fragment.host() & kIpv4OffsetMask) == 0 && has_ports(ip.protocol) &&
                         ip.source == load<Be32>(packet.destination.bytes, kIpv4At);
    if (!is_good)
        return packet.note_fault(DropReason::kIcmpInner);
    store(&packet.source.bytes[kIpv4At], ip.destination);
    note_flow(&quoted[header_length], ip.protocol, packet);
}

void parse_ipv6_quote(Bytes quoted, Packet& packet) {
    if (quoted.size() < sizeof(Ipv6Header))
        return packet.note_fault(DropReason::kIcmpInner);
    const auto ip = load<Ipv6Header>(quoted, 0);
    const ExtensionChain chain = walk_extension_headers(quoted.subspan(sizeof ip), ip.next_header);
    const bool is_later_fragment =
        chain.is_fragment && (chain.fragment.fragment.host() & kIpv6OffsetMask) != 0;
    const std::size_t ports_at = sizeof ip + chain.offset;
    const bool is_good = ip.version_class_label.host() >> 28 == 6 && chain.is_good &&
                         !is_later_fragment && !ip.destination.is_v4() &&
                         has_ports(chain.protocol) && ip.source == packet.destination &&
                         ports_at + kQuotedBytes <= quoted.size();
    if (!is_good)
        return packet.note_fault(DropReason::kIcmpInner);
    packet.source = ip.destination;
    note_flow(&quoted[ports_at], chain.protocol, packet);
}

bool is_error(bool is_v4, std::uint8_t type) {
    if (is_v4) {
        return type == kIcmpUnreachable || type == kIcmpSourceQuench || type == kIcmpTimeExceeded ||
               type == kIcmpParameterProblem;
    }
    return type >= kIcmpv6Unreachable && type <= kIcmpv6ParameterProblem;
}

bool is_solicited_node(const IpAddress& group, const IpAddress& target) {
    constexpr std::array<std::uint8_t, 13> kPrefix{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
    return std::memcmp(group.bytes.data(), kPrefix.data(), kPrefix.size()) == 0 &&
           std::memcmp(&group.bytes[13], &target.bytes[13], 3) == 0;
}

struct NeighborOptions {
    bool are_good = true;
    bool have_source_link = false;
};

NeighborOptions read_options(Bytes options) {
    NeighborOptions read;
    while (!options.empty()) {
        const std::size_t bytes = options.size() < 2 ? 0 : options[1] * 8u;
        if (bytes == 0 || bytes > options.size())
            return {false, false};
        read.have_source_link |= options[0] == kNeighborSourceLink;
        options = options.subspan(bytes);
    }
    return read;
}

}  // namespace

void parse_icmp(Bytes frame, Packet& packet) {
    const Bytes message = l4_bytes(frame, packet);
    if (message.size() < sizeof(IcmpHeader))
        return packet.note_fault(DropReason::kIcmpTruncated);
    const auto icmp = load<IcmpHeader>(message, 0);
    const bool is_v4 = packet.is_v4;
    packet.kind = Kind::kNoPorts;
    if (icmp.type == (is_v4 ? kIcmpEchoRequest : kIcmpv6EchoRequest) && icmp.code == 0)
        packet.kind = Kind::kEchoRequest;
    else if (icmp.type == (is_v4 ? kIcmpRedirect : kIcmpv6Redirect))
        packet.note_fault(DropReason::kIcmpRedirect);
    else if (is_error(is_v4, icmp.type) && is_v4)
        parse_ipv4_quote(message.subspan(sizeof icmp), packet);
    else if (is_error(is_v4, icmp.type))
        parse_ipv6_quote(message.subspan(sizeof icmp), packet);
}

void parse_neighbor_solicitation(Bytes frame, Packet& packet) {
    const Bytes message = l4_bytes(frame, packet);
    const auto ip = load<Ipv6Header>(frame, packet.l3_offset);
    packet.kind = Kind::kNeighborSolicitation;
    if (message.size() < sizeof(NeighborMessage))
        return packet.note_fault(DropReason::kNeighborMalformed);
    const auto solicitation = load<NeighborMessage>(message, 0);
    packet.destination = solicitation.target;
    if (solicitation.target.is_v4()) {
        packet.action = Action::kToKernel;
        return;
    }
    const NeighborOptions options = read_options(message.subspan(sizeof solicitation));
    const bool probes = ip.source.is_none();  // duplicate address detection
    const auto length = static_cast<std::uint32_t>(message.size());
    const std::uint64_t sum = ipv6_pseudo_sum(ip.source, ip.destination, length, kIpProtocolIcmpv6);
    const bool is_sound = ip.hop_limit == 255 && solicitation.icmp.code == 0 && options.are_good &&
                          packet.l4_offset + length == packet_end(packet) &&
                          fold_sum(add_to_sum(message, sum)) == 0xffff &&
                          (!probes || (is_solicited_node(ip.destination, solicitation.target) &&
                                       !options.have_source_link));
    if (!is_sound)
        packet.note_fault(DropReason::kNeighborMalformed);
}

}  // namespace vipfwd::packet
