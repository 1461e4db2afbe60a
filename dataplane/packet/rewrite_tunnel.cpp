// SPDX-License-Identifier: Apache-2.0
// Tunnels: IP in IP (RFC 2003, RFC 2473), GUE (draft-ietf-intarea-gue), and none (l2).
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/rewrite_parts.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kGueBytes = sizeof(UdpHeader) + sizeof(GueHeader);

// What goes over from the packet inside to the tunnel's header.
struct Inner {
    std::uint8_t protocol = 0;  // of the tunnel's payload
    // As the first 8 bytes of an IPv4 header: DSCP and ECN (RFC 6040 §4.1, normal mode),
    // identification, "don't fragment"; all else is zero.
    std::uint64_t word = 0;

    std::uint8_t tos() const { return static_cast<std::uint8_t>(word >> 8); }
};

constexpr std::uint64_t kDontFragmentWord = std::uint64_t{Be16::from_host(kIpv4DontFragment).raw}
                                            << 48;

// `word` is what IP begins with.
[[gnu::always_inline]] inline Inner inner_of(std::uint64_t word, const Packet& packet) {
    constexpr std::uint64_t kTaken = 0xffff'0000'ff00 | kDontFragmentWord;
    if (packet.is_v4)
        return {kIpProtocolIpip, word & kTaken};
    const Be32 version_class_label{static_cast<std::uint32_t>(word)};
    return {kIpProtocolIpv6, (version_class_label.host() >> 12 & 0xff00) | kDontFragmentWord};
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

// What follows is written as whole words: a header put together from its fields in memory could not
// be read back at once.

[[gnu::always_inline]] inline void write_outer_ipv4(std::uint8_t* place,
                                                    const std::uint8_t* prepared,
                                                    const Inner& inner, std::uint8_t protocol,
                                                    std::uint32_t payload_bytes) {
    const Be16 length =
        Be16::from_host(static_cast<std::uint16_t>(payload_bytes + sizeof(Ipv4Header)));
    const std::uint64_t word = inner.word | 0x45 | std::uint64_t{length.raw} << 16;
    const std::uint32_t rest =
        load<std::uint16_t>({prepared, sizeof(Ipv4Header)}, 10) + (std::uint32_t{protocol} << 8);
    const auto checksum = static_cast<std::uint16_t>(~fold_sum(add_words(word, rest)));
    std::memcpy(place + 4, prepared + 4, 16);
    store(place, word);
    store(place + 9, protocol);
    store(place + 10, checksum);
}

// The flow label is the flow's (RFC 6438).
[[gnu::always_inline]] inline void write_outer_ipv6(std::uint8_t* place,
                                                    const std::uint8_t* prepared,
                                                    const Packet& packet, const Inner& inner,
                                                    std::uint8_t protocol,
                                                    std::uint32_t payload_bytes) {
    const std::uint32_t label = entropy(packet) & 0xfffff;
    const Be32 first = Be32::from_host(6u << 28 | std::uint32_t{inner.tos()} << 20 | label);
    const Be16 length = Be16::from_host(static_cast<std::uint16_t>(payload_bytes));
    store(place, std::uint64_t{first.raw} | std::uint64_t{length.raw} << 32 |
                     std::uint64_t{protocol} << 48 | std::uint64_t{kOwnTtl} << 56);
    std::memcpy(place + 8, prepared + 8, 2 * sizeof(IpAddress));
}

// No UDP checksum: what is inside has its own (RFC 768, RFC 6935 §5). The source port is the
// flow's.
[[gnu::always_inline]] inline void write_gue(std::uint8_t* place, std::uint16_t gue_port,
                                             const Packet& packet, const Inner& inner) {
    const auto port = static_cast<std::uint16_t>(0xc000 | (entropy(packet) & 0x3fff));
    const auto length = static_cast<std::uint16_t>(kGueBytes + packet.ip_length);
    store(place, std::uint64_t{Be16::from_host(port).raw} |
                     std::uint64_t{Be16::from_host(gue_port).raw} << 16 |
                     std::uint64_t{Be16::from_host(length).raw} << 32);
    store(place + sizeof(UdpHeader), std::uint32_t{inner.protocol} << 8);  // GueHeader
}

// Ethernet and tunnel header of a packet whose backend has none prepared.
void prepare(const Way& way, const Packet& packet, std::uint8_t* ip) {
    if (way.tunnel.outer_v4)
        prepare_outer_ipv4(ip, source_v4(way.port, packet), way.backend.address.v4());
    else
        prepare_outer_ipv6(ip, source_v6(way.port, packet), way.backend.address);
}

template <bool outer_v4>
[[gnu::always_inline]] inline void write_outer(std::uint8_t* outer, const std::uint8_t* prepared,
                                               std::uint16_t gue_port, bool gue, const Inner& inner,
                                               const Packet& packet) {
    const auto write_ip = [&](std::uint8_t protocol, std::uint32_t payload_bytes) {
        if constexpr (outer_v4)
            write_outer_ipv4(outer, prepared, inner, protocol, payload_bytes);
        else
            write_outer_ipv6(outer, prepared, packet, inner, protocol, payload_bytes);
    };
    if (!gue)
        return write_ip(inner.protocol, packet.ip_length);
    write_ip(kIpProtocolUdp, packet.ip_length + kGueBytes);
    write_gue(outer + (outer_v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)), gue_port, packet,
              inner);
}

[[gnu::always_inline]] inline void write_tunnel(std::uint8_t* outer, const std::uint8_t* prepared,
                                                const Tunnel& tunnel, std::uint16_t gue_port,
                                                const Inner& inner, const Packet& packet) {
    const bool gue = tunnel.mode == abi::Forward::kGue;
    if (tunnel.outer_v4)
        write_outer<true>(outer, prepared, gue_port, gue, inner, packet);
    else
        write_outer<false>(outer, prepared, gue_port, gue, inner, packet);
}

}  // namespace

void prepare_outer_ipv4(std::uint8_t* place, Be32 source, Be32 destination) {
    Ipv4Header outer{};
    outer.ttl = kOwnTtl;
    outer.source = source;
    outer.destination = destination;
    store(place, outer);
    outer.checksum = {internet_sum({place, sizeof outer})};
    store(place, outer);
}

void prepare_outer_ipv6(std::uint8_t* place, const IpAddress& source,
                        const IpAddress& destination) {
    store(place, Ipv6Header{.version_class_label = Be32::from_host(6u << 28),
                            .payload_length = {},
                            .next_header = 0,
                            .hop_limit = kOwnTtl,
                            .source = source,
                            .destination = destination});
}

std::uint8_t overhead_of(abi::Forward mode, bool outer_v4) {
    static constexpr std::uint8_t kOverhead[3][2] = {
        {sizeof(Ipv6Header), sizeof(Ipv4Header)},
        {sizeof(Ipv6Header) + kGueBytes, sizeof(Ipv4Header) + kGueBytes},
        {0, 0},
    };
    return kOverhead[static_cast<std::size_t>(mode)][outer_v4 ? 1 : 0];
}

Way way_of(const Tables& tables, const Packet& packet) {
    const abi::BackendEntry& backend = tables.generation.backends[packet.backend];
    const abi::Forward mode = tables.services[packet.service].forward;
    const bool outer_v4 = backend.address.is_v4();
    return {backend, tables.ports[backend.port], {mode, outer_v4, overhead_of(mode, outer_v4)}};
}

bool encapsulate_common(const Tables& tables, std::span<Frame> frames, std::span<Packet> packets) {
    const std::uint16_t gue_port = tables.generation.header.gue_port;
    bool all_forwarded = true;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        Frame& frame = frames[i];
        if (packet.l3_offset != sizeof(EthernetHeader) || packet.kind != Kind::kFlow ||
            packet.action != Action::kUndecided) {
            all_forwarded = false;
            continue;
        }
        const BackendView& view = tables.backends[packet.backend];
        const ServiceView& service = tables.services[packet.service];
        const std::uint32_t overhead = service.overhead[view.is_v4 ? 1 : 0];
        if (packet.ip_length + overhead > view.prepared_mtu || frame.headroom() < overhead) {
            all_forwarded = false;
            continue;
        }
        packet.action = Action::kForward;
        const auto word = load<std::uint64_t>(frame.bytes(), sizeof(EthernetHeader));
        frame.truncate(std::uint32_t{sizeof(EthernetHeader)} + packet.ip_length);
        std::uint8_t* const head = frame.prepend(overhead);
        if (service.forward == abi::Forward::kL2) {
            std::memcpy(head, view.head.data(), 2 * sizeof(MacAddress));
            continue;
        }
        const Inner inner = inner_of(word, packet);
        std::memcpy(head, view.head.data(), 16);  // two more than Ethernet: one move
        write_tunnel(head + sizeof(EthernetHeader), view.head.data() + sizeof(EthernetHeader),
                     {service.forward, view.is_v4, overhead}, gue_port, inner, packet);
    }
    return all_forwarded;
}

void encapsulate(const Way& way, std::uint16_t gue_port, Frame& frame, Packet& packet) {
    const Inner inner = inner_of(load<std::uint64_t>(frame.bytes(), packet.l3_offset), packet);
    frame.truncate(std::uint32_t{packet.l3_offset} + packet.ip_length);
    packet.action = Action::kForward;
    const std::uint32_t in_front = way.tunnel.overhead + way.port.link_bytes();
    std::uint8_t* const head = in_front >= packet.l3_offset
                                   ? frame.prepend(in_front - packet.l3_offset)
                                   : frame.drop_front(packet.l3_offset - in_front);
    const bool is_l2 = way.tunnel.mode == abi::Forward::kL2;
    const bool link_v4 = is_l2 ? packet.is_v4 : way.tunnel.outer_v4;
    std::uint8_t* const outer =
        write_link(head, way.backend.next_hop, way.port, link_v4 ? kEtherTypeIpv4 : kEtherTypeIpv6);
    if (is_l2)
        return;
    std::array<std::uint8_t, sizeof(Ipv6Header)> prepared;
    prepare(way, packet, prepared.data());
    write_tunnel(outer, prepared.data(), way.tunnel, gue_port, inner, packet);
}

}  // namespace vipfwd::packet
