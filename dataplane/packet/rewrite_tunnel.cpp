// SPDX-License-Identifier: Apache-2.0
// The forwarding modes, one function each: IP in IP (RFC 2003, RFC 2473), GUE
// (draft-ietf-intarea-gue), and l2, which has no tunnel.
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/outer_headers.h"
#include "dataplane/packet/rewrite_parts.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kGueBytes = sizeof(UdpHeader) + sizeof(GueHeader);

// What the outer header takes from the client's packet.
struct Inner {
    std::uint8_t protocol = 0;  // of the tunnel's payload
    // The first 8 bytes of an outer IPv4 header with DSCP and ECN (RFC 6040 §4.1, normal mode),
    // identification and "don't fragment"; all other bits are zero.
    std::uint64_t word = 0;

    std::uint8_t tos() const { return static_cast<std::uint8_t>(word >> 8); }
};

constexpr std::uint64_t kDontFragmentWord = std::uint64_t{Be16::from_host(kIpv4DontFragment).raw}
                                            << 48;

// `word` is the first 8 bytes of the client's IP header.
[[gnu::always_inline]] inline Inner inner_of(std::uint64_t word, const Packet& packet) {
    constexpr std::uint64_t kTaken = 0xffff'0000'ff00 | kDontFragmentWord;
    if (packet.is_v4)
        return {kIpProtocolIpip, word & kTaken};
    const Be32 version_class_label{static_cast<std::uint32_t>(word)};
    return {kIpProtocolIpv6, (version_class_label.host() >> 12 & 0xff00) | kDontFragmentWord};
}

// Bits of the flow's hash. Neither the ring slot nor the flow table's tag is made of these bits
// alone.
std::uint32_t entropy(const Packet& packet) {
    return static_cast<std::uint32_t>(packet.hash >> 16);
}

std::uint32_t low_bits(std::uint8_t count) {
    return static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1);
}

// Replaces the bits of `mask` by bits of the flow's hash.
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

// The following functions write headers as whole words. A header stored field by field could not be
// read back at once (store forwarding).

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

// The flow label is made of the flow's hash (RFC 6438).
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

// Without a UDP checksum: the client's packet has its own (RFC 768, RFC 6935 §5). The source port
// is made of the flow's hash.
[[gnu::always_inline]] inline void write_gue(std::uint8_t* place, std::uint16_t gue_port,
                                             const Packet& packet, const Inner& inner) {
    const auto port = static_cast<std::uint16_t>(0xc000 | (entropy(packet) & 0x3fff));
    const auto length = static_cast<std::uint16_t>(kGueBytes + packet.ip_length);
    store(place, std::uint64_t{Be16::from_host(port).raw} |
                     std::uint64_t{Be16::from_host(gue_port).raw} << 16 |
                     std::uint64_t{Be16::from_host(length).raw} << 32);
    store(place + sizeof(UdpHeader), std::uint32_t{inner.protocol} << 8);  // GueHeader
}

// Each forwarding mode has one function, which writes the headers in front of a packet. It serves
// both paths: a `Front` supplies the link header and the constant part of the outer IP header. It
// returns Inner::word, whose "don't fragment" tells that an outer IPv4 header needs no identify().

// The Front of encapsulate_common(): copies both from BackendView::head. Requires a frame with an
// untagged Ethernet header.
struct PreparedFront {
    std::uint8_t* frame;
    const BackendView& backend;

    bool outer_v4() const { return backend.is_v4; }
    const std::uint8_t* outer_ip() const { return backend.head.data() + sizeof(EthernetHeader); }
    // Writes the link header of a tunnel. Returns where the outer IP header begins.
    std::uint8_t* write_tunnel_link() const {
        std::memcpy(frame, backend.head.data(), 16);  // one move; 2 bytes more than Ethernet
        return frame + sizeof(EthernetHeader);
    }
    // Writes the link header of a packet without a tunnel; its EtherType is already right.
    void write_link() const { std::memcpy(frame, backend.head.data(), 2 * sizeof(MacAddress)); }
};

// The Front of encapsulate(): makes both, for any port and backend.
class BuiltFront {
  public:
    BuiltFront(std::uint8_t* frame, const EncapTarget& target, const Packet& packet)
        : frame_(frame), target_(target), packet_(packet) {
        if (target.mode.is_tunnel && target.outer_v4)
            prepare_outer_ipv4(ip_.data(), source_v4(target.port, packet),
                               target.backend.address.v4());
        else if (target.mode.is_tunnel)
            prepare_outer_ipv6(ip_.data(), source_v6(target.port, packet), target.backend.address);
    }

    bool outer_v4() const { return target_.outer_v4; }
    const std::uint8_t* outer_ip() const { return ip_.data(); }
    std::uint8_t* write_tunnel_link() const { return write_typed_link(target_.outer_v4); }
    void write_link() const { write_typed_link(packet_.is_v4); }

  private:
    std::uint8_t* write_typed_link(bool v4) const {
        return vipfwd::packet::write_link(frame_, target_.backend.next_hop, target_.port,
                                          v4 ? kEtherTypeIpv4 : kEtherTypeIpv6);
    }

    std::uint8_t* frame_;
    const EncapTarget& target_;
    const Packet& packet_;
    std::array<std::uint8_t, sizeof(Ipv6Header)> ip_;
};

// The client's packet as a mode's function reads it.
struct Client {
    std::uint64_t word;  // the first 8 bytes of its IP header
    const Packet& packet;
};

// Writes link and outer IP header; `extra_bytes` stand between the latter and the client's packet.
// Returns where the outer IP header's payload begins.
template <typename Front>
[[gnu::always_inline]] inline std::uint8_t* write_tunnel(const Front& front, const Inner& inner,
                                                         const Packet& packet,
                                                         std::uint8_t protocol,
                                                         std::uint32_t extra_bytes) {
    std::uint8_t* const outer = front.write_tunnel_link();
    const std::uint32_t payload_bytes = packet.ip_length + extra_bytes;
    if (front.outer_v4()) {
        write_outer_ipv4(outer, front.outer_ip(), inner, protocol, payload_bytes);
        return outer + sizeof(Ipv4Header);
    }
    write_outer_ipv6(outer, front.outer_ip(), packet, inner, protocol, payload_bytes);
    return outer + sizeof(Ipv6Header);
}

template <typename Front>
[[gnu::always_inline]] inline std::uint64_t forward_ipip(const Front& front, const Client& client) {
    const Inner inner = inner_of(client.word, client.packet);
    write_tunnel(front, inner, client.packet, inner.protocol, 0);
    return inner.word;
}

template <typename Front>
[[gnu::always_inline]] inline std::uint64_t forward_gue(const Front& front, const Client& client,
                                                        const Tables& tables) {
    const Inner inner = inner_of(client.word, client.packet);
    std::uint8_t* const gue = write_tunnel(front, inner, client.packet, kIpProtocolUdp, kGueBytes);
    write_gue(gue, tables.generation.header.gue_port, client.packet, inner);
    return inner.word;
}

template <typename Front>
[[gnu::always_inline]] inline std::uint64_t forward_l2(const Front& front) {
    front.write_link();
    return kDontFragmentWord;
}

// Compares in the order that takes encapsulate_common the fewest instructions; a switch takes more.
template <typename Front>
[[gnu::always_inline]] inline std::uint64_t forward_by(abi::Forward mode, const Front& front,
                                                       const Client& client, const Tables& tables) {
    static_assert(abi::Forward::kLast == abi::Forward::kL2, "a new mode needs its function here");
    if (mode == abi::Forward::kL2)
        return forward_l2(front);
    if (mode == abi::Forward::kGue) [[unlikely]]
        return forward_gue(front, client, tables);
    return forward_ipip(front, client);
}

constexpr bool has_overhead(abi::Forward mode, std::size_t bytes_behind_ip) {
    const abi::ForwardMode& row = abi::forward_mode(mode);
    return row.overhead_v4 == sizeof(Ipv4Header) + bytes_behind_ip &&
           row.overhead_v6 == sizeof(Ipv6Header) + bytes_behind_ip;
}
static_assert(has_overhead(abi::Forward::kIpip, 0) && has_overhead(abi::Forward::kGue, kGueBytes));

// Gives an outer IPv4 header without "don't fragment" an identification of its own.
void identify(std::uint8_t* outer_ip, OuterIds& ids) {
    // Each field lies within one of the stores of write_outer_ipv4(), and so can be read back.
    const std::span<const std::uint8_t> outer(outer_ip, sizeof(Ipv4Header));
    if ((load<Be16>(outer, offsetof(Ipv4Header, fragment)).host() & kIpv4DontFragment) != 0)
        return;
    const Be16 own = ids.next(load<Be32>(outer, offsetof(Ipv4Header, destination)));
    const auto before = load<Be16>(outer, offsetof(Ipv4Header, identification));
    const auto checksum = load<Be16>(outer, offsetof(Ipv4Header, checksum));
    store(outer_ip + offsetof(Ipv4Header, identification), own);
    store(outer_ip + offsetof(Ipv4Header, checksum), amend_checksum(checksum, before, own));
}

// For the packets that encapsulate_common() has forwarded. Not inlined, to keep its loop small:
// most packets have "don't fragment".
[[gnu::noinline]] void identify_all(const Tables& tables, OuterIds& ids, std::span<Frame> frames,
                                    std::span<const Packet> packets) {
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (packets[i].action == Action::kForward && tables.backends[packets[i].backend].is_v4 &&
            abi::forward_mode(tables.services[packets[i].service].forward).is_tunnel)
            identify(frames[i].mutable_bytes() + sizeof(EthernetHeader), ids);
    }
}

}  // namespace

EncapTarget encap_target(const Tables& tables, const Packet& packet) {
    const abi::BackendEntry& backend = tables.generation.backends[packet.backend];
    const abi::ForwardMode& mode = abi::forward_mode(tables.services[packet.service].forward);
    const bool outer_v4 = backend.address.is_v4();
    return {backend, tables.ports[backend.port], mode, outer_v4, mode.overhead(outer_v4)};
}

bool encapsulate_common(const Tables& tables, OuterIds& ids, std::span<Frame> frames,
                        std::span<Packet> packets) {
    bool all_forwarded = true;
    std::uint64_t all_words = kDontFragmentWord;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        Frame& frame = frames[i];
        if (packet.l3_offset != sizeof(EthernetHeader) || !packet.is_for_service()) {
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
        std::uint8_t* const head = frame.prepend(overhead);
        frame.truncate(std::uint32_t{sizeof(EthernetHeader)} + overhead + packet.ip_length);
        const auto word = load<std::uint64_t>(frame.bytes(), overhead + sizeof(EthernetHeader));
        all_words &=
            forward_by(service.forward, PreparedFront{head, view}, Client{word, packet}, tables);
    }
    if (all_words == 0)
        identify_all(tables, ids, frames, packets);
    return all_forwarded;
}

void encapsulate(const Tables& tables, const EncapTarget& target, OuterIds& ids, Frame& frame,
                 Packet& packet) {
    const auto word = load<std::uint64_t>(frame.bytes(), packet.l3_offset);
    frame.truncate(std::uint32_t{packet.l3_offset} + packet.ip_length);
    packet.action = Action::kForward;
    const std::uint32_t in_front = target.overhead + target.port.link_bytes();
    std::uint8_t* const head = in_front >= packet.l3_offset
                                   ? frame.prepend(in_front - packet.l3_offset)
                                   : frame.drop_front(packet.l3_offset - in_front);
    forward_by(target.mode.mode, BuiltFront(head, target, packet), Client{word, packet}, tables);
    if (target.mode.is_tunnel && target.outer_v4)
        identify(head + target.port.link_bytes(), ids);
}

}  // namespace vipfwd::packet
