// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/rewrite.h"

#include "dataplane/packet/rewrite_parts.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kSmallestIpv4Mtu = 68;     // RFC 791 §3.2
constexpr std::uint32_t kReasonableIpv4Mtu = 576;  // what any host takes
constexpr std::uint32_t kSmallestIpv6Mtu = 1280;   // RFC 8200 §5

abi::Forward forward_of(const Tables& tables, const Packet& packet) {
    return static_cast<abi::Forward>(tables.generation.services[packet.service].forward);
}

bool may_be_fragmented(const Frame& frame, const Packet& packet) {
    if (!packet.is_v4)
        return false;
    const auto ip = load<Ipv4Header>(frame.bytes(), packet.l3_offset);
    return (ip.fragment.host() & kIpv4DontFragment) == 0;
}

// RFC 1122 §3.2.2, RFC 4443 §2.4: no error about an error, nor about any but the first fragment.
bool may_be_answered(const Packet& packet) {
    return packet.kind == Kind::kFlow || packet.kind == Kind::kFirstFragment;
}

void refuse_too_big(const Tables& tables, Memory& memory, Moment now, Frame& frame,
                    Packet& packet) {
    const std::uint32_t mtu = inner_mtu(tables, packet);
    if (may_be_fragmented(frame, packet) && mtu >= kSmallestIpv4Mtu) {
        packet.action = Action::kSplit;
        return;
    }
    if (!may_be_answered(packet) || !memory.icmp_errors.take(now.ms))
        return packet.drop(DropReason::kTooBig);
    answer_too_big(tables, frame, packet, mtu);
    memory.events.too_big_answers += packet.action == Action::kAnswer ? 1 : 0;
}

// The path MTU that an ICMP error tells of is less than any link may have.
bool tells_small_mtu(const Frame& frame, const Packet& packet) {
    const auto icmp = load<IcmpHeader>(frame.bytes(), packet.l4_offset);
    if (!packet.is_v4)
        return icmp.type == kIcmpv6TooBig && icmp.rest.host() < kSmallestIpv6Mtu;
    return icmp.type == kIcmpUnreachable && icmp.code == kIcmpFragmentationNeeded &&
           (icmp.rest.host() & 0xffff) < kReasonableIpv4Mtu;
}

void forward(const Tables& tables, Memory& memory, Moment now, Frame& frame, Packet& packet) {
    const abi::BackendEntry& backend = tables.generation.backends[packet.backend];
    if (backend.resolved == 0)
        return packet.drop(DropReason::kNoNextHop);
    const PortView& port = tables.ports[backend.port];
    const bool outer_v4 = backend.address.is_v4();
    const std::uint32_t overhead = tunnel_bytes(forward_of(tables, packet), outer_v4);
    if (overhead > 0 && (outer_v4 ? port.source_v4 : port.source_v6).is_none())
        return packet.drop(DropReason::kNoTunnelSource);
    if (packet.ip_length + overhead > port.mtu)
        return refuse_too_big(tables, memory, now, frame, packet);
    if (frame.headroom() + packet.l3_offset < overhead + port.link_bytes())
        return packet.drop(DropReason::kNoHeadroom);
    if (packet.kind == Kind::kIcmpError)
        memory.events.small_mtu += tells_small_mtu(frame, packet) ? 1 : 0;
    encapsulate(tables, frame, packet);
}

}  // namespace

std::uint32_t inner_mtu(const Tables& tables, const Packet& packet) {
    const abi::BackendEntry& backend = tables.generation.backends[packet.backend];
    const std::uint32_t overhead =
        tunnel_bytes(forward_of(tables, packet), backend.address.is_v4());
    const std::uint32_t mtu = tables.ports[backend.port].mtu;
    return mtu > overhead ? mtu - overhead : 0;
}

void rewrite(const Tables& tables, Memory& memory, Moment now, std::span<Frame> frames,
             std::span<Packet> packets) {
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (packets[i].undecided())
            forward(tables, memory, now, frames[i], packets[i]);
        else if (packets[i].action == Action::kAnswer)
            answer(tables, frames[i], packets[i]);
    }
}

}  // namespace vipfwd::packet
