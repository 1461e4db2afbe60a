// SPDX-License-Identifier: Apache-2.0
// Tunnels: IP in IP (RFC 2003, RFC 2473), GUE (draft-ietf-intarea-gue), and none (l2).
#include "dataplane/packet/checksum.h"
#include "dataplane/packet/rewrite_parts.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kGueBytes = sizeof(UdpHeader) + sizeof(GueHeader);

// What goes over from the packet inside to the tunnel's header.
struct Inner {
    std::uint8_t protocol = 0;  // of the tunnel's payload
    std::uint8_t tos = 0;       // DSCP and ECN: copied (RFC 6040 §4.1, normal mode)
    bool dont_fragment = true;
    Be16 identification;
};

Inner read_inner(const Frame& frame, const Packet& packet) {
    if (packet.is_v4) {
        const auto ip = load<Ipv4Header>(frame.bytes(), packet.l3_offset);
        return {kIpProtocolIpip, ip.tos, (ip.fragment.host() & kIpv4DontFragment) != 0,
                ip.identification};
    }
    const auto ip = load<Ipv6Header>(frame.bytes(), packet.l3_offset);
    return {
        kIpProtocolIpv6, static_cast<std::uint8_t>(ip.version_class_label.host() >> 20), true, {}};
}

// Bits of the flow's hash that neither ring nor flow table go by alone.
std::uint32_t entropy(const Packet& packet) {
    return static_cast<std::uint32_t>(packet.hash >> 16);
}

std::uint32_t low_bits(std::uint8_t count) {
    return static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1);
}

Be32 mix_in(Be32 address, std::uint32_t mask, const Packet& packet) {
    return Be32::from_host((address.host() & ~mask) | (entropy(packet) & mask));
}

Be32 source_v4(const PortView& port, const Packet& packet) {
    return mix_in(port.source_v4.v4(), low_bits(port.source_v4_bits), packet);
}

IpAddress source_v6(const PortView& port, const Packet& packet) {
    IpAddress address = port.source_v6;
    const auto low = load<Be32>(address.bytes, 12);
    store(&address.bytes[12], mix_in(low, low_bits(port.source_v6_bits), packet));
    return address;
}

// Of a header without options whose checksum field is zero; from registers, not from memory.
Be16 header_checksum(const Ipv4Header& ip) {
    const std::uint64_t sum = std::uint64_t{ip.version_ihl} + (std::uint32_t{ip.tos} << 8) +
                              ip.total_length.raw + ip.identification.raw + ip.fragment.raw +
                              ip.ttl + (std::uint32_t{ip.protocol} << 8) + ip.source.raw +
                              std::uint64_t{ip.destination.raw};
    return {static_cast<std::uint16_t>(~fold_sum(sum))};
}

void write_outer_ipv4(std::uint8_t* place, const Way& way, const Packet& packet, const Inner& inner,
                      std::uint8_t protocol, std::uint32_t payload_bytes) {
    Ipv4Header outer{};
    outer.version_ihl = 0x45;
    outer.tos = inner.tos;
    outer.total_length = Be16::from_host(static_cast<std::uint16_t>(payload_bytes + sizeof outer));
    outer.identification = inner.identification;
    outer.fragment = Be16::from_host(inner.dont_fragment ? kIpv4DontFragment : 0);
    outer.ttl = kOwnTtl;
    outer.protocol = protocol;
    outer.source = source_v4(way.port, packet);
    outer.destination = way.backend.address.v4();
    outer.checksum = header_checksum(outer);
    store(place, outer);
}

// The flow label is the flow's (RFC 6438).
void write_outer_ipv6(std::uint8_t* place, const Way& way, const Packet& packet, const Inner& inner,
                      std::uint8_t protocol, std::uint32_t payload_bytes) {
    const std::uint32_t label = entropy(packet) & 0xfffff;
    store(place, Ipv6Header{
                     .version_class_label =
                         Be32::from_host(6u << 28 | std::uint32_t{inner.tos} << 20 | label),
                     .payload_length = Be16::from_host(static_cast<std::uint16_t>(payload_bytes)),
                     .next_header = protocol,
                     .hop_limit = kOwnTtl,
                     .source = source_v6(way.port, packet),
                     .destination = way.backend.address,
                 });
}

// No UDP checksum: what is inside has its own (RFC 768, RFC 6935 §5). The source port is the
// flow's.
void write_gue(std::uint8_t* place, std::uint16_t gue_port, const Packet& packet,
               const Inner& inner) {
    const auto port = static_cast<std::uint16_t>(0xc000 | (entropy(packet) & 0x3fff));
    store(place,
          UdpHeader{Be16::from_host(port),
                    Be16::from_host(gue_port),
                    Be16::from_host(static_cast<std::uint16_t>(kGueBytes + packet.ip_length)),
                    {}});
    store(place + sizeof(UdpHeader), GueHeader{0, inner.protocol, {}});
}

std::uint32_t tunnel_bytes(abi::Forward mode, bool outer_v4) {
    const std::uint32_t ip = outer_v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
    switch (mode) {
        case abi::Forward::kIpip:
            return ip;
        case abi::Forward::kGue:
            return ip + kGueBytes;
        case abi::Forward::kL2:
            return 0;
    }
    return 0;
}

}  // namespace

Way way_of(const Tables& tables, const Packet& packet) {
    const abi::BackendEntry& backend = tables.generation.backends[packet.backend];
    const auto mode = static_cast<abi::Forward>(tables.generation.services[packet.service].forward);
    const bool outer_v4 = backend.address.is_v4();
    return {backend, tables.ports[backend.port], mode, outer_v4, tunnel_bytes(mode, outer_v4)};
}

void encapsulate(const Way& way, std::uint16_t gue_port, Frame& frame, Packet& packet) {
    const Inner inner = read_inner(frame, packet);
    const std::uint32_t in_front = way.overhead + way.port.link_bytes();
    frame.truncate(std::uint32_t{packet.l3_offset} + packet.ip_length);
    std::uint8_t* const head = in_front >= packet.l3_offset
                                   ? frame.prepend(in_front - packet.l3_offset)
                                   : frame.drop_front(packet.l3_offset - in_front);
    packet.action = Action::kForward;
    const bool link_v4 = way.mode == abi::Forward::kL2 ? packet.is_v4 : way.outer_v4;
    std::uint8_t* const outer =
        write_link(head, way.backend.next_hop, way.port, link_v4 ? kEtherTypeIpv4 : kEtherTypeIpv6);
    if (way.mode == abi::Forward::kL2)
        return;
    const bool gue = way.mode == abi::Forward::kGue;
    const std::uint8_t protocol = gue ? kIpProtocolUdp : inner.protocol;
    const std::uint32_t payload_bytes = packet.ip_length + (gue ? kGueBytes : 0);
    if (way.outer_v4)
        write_outer_ipv4(outer, way, packet, inner, protocol, payload_bytes);
    else
        write_outer_ipv6(outer, way, packet, inner, protocol, payload_bytes);
    if (gue)
        write_gue(outer + way.overhead - kGueBytes, gue_port, packet, inner);
}

}  // namespace vipfwd::packet
