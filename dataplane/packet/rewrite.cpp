// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/rewrite.h"

#include "dataplane/packet/rewrite_parts.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kReasonableIpv4Mtu = 576;  // what any host takes
constexpr std::uint32_t kSmallestIpv6Mtu = 1280;   // RFC 8200 §5

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

std::uint32_t inner_mtu(const Way& way) {
    return way.port.mtu > way.overhead ? way.port.mtu - way.overhead : 0;
}

void refuse_too_big(const Tables& tables, const Way& way, WorkerState& state, Moment now,
                    Frame& frame, Packet& packet) {
    const std::uint32_t mtu = inner_mtu(way);
    if (may_be_fragmented(frame, packet) && mtu >= kSmallestIpv4Mtu) {
        packet.action = Action::kSplit;
        return;
    }
    if (!may_be_answered(packet) || !state.icmp_errors.take(now.ms))
        return packet.drop(DropReason::kTooBig);
    answer_too_big(tables, frame, packet, mtu);
    state.counts.too_big_answers += packet.action == Action::kAnswer ? 1 : 0;
}

// The path MTU that an ICMP error tells of is less than any link may have.
bool tells_small_mtu(const Frame& frame, const Packet& packet) {
    const auto icmp = load<IcmpHeader>(frame.bytes(), packet.l4_offset);
    if (!packet.is_v4)
        return icmp.type == kIcmpv6TooBig && icmp.rest.host() < kSmallestIpv6Mtu;
    return icmp.type == kIcmpUnreachable && icmp.code == kIcmpFragmentationNeeded &&
           (icmp.rest.host() & 0xffff) < kReasonableIpv4Mtu;
}

void forward(const Tables& tables, WorkerState& state, Moment now, Frame& frame, Packet& packet) {
    const Way way = way_of(tables, packet);
    if (way.backend.resolved == 0)
        return packet.drop(DropReason::kNoNextHop);
    if (way.mode.is_tunnel && (way.outer_v4 ? way.port.source_v4 : way.port.source_v6).is_none())
        return packet.drop(DropReason::kNoTunnelSource);
    if (packet.ip_length + way.overhead > way.port.mtu)
        return refuse_too_big(tables, way, state, now, frame, packet);
    if (frame.headroom() + packet.l3_offset < way.overhead + way.port.link_bytes())
        return packet.drop(DropReason::kNoHeadroom);
    if (packet.kind == Kind::kIcmpError)
        state.counts.small_mtu += tells_small_mtu(frame, packet) ? 1 : 0;
    encapsulate(tables, way, frame, packet);
}

}  // namespace

std::uint32_t inner_mtu(const Tables& tables, const Packet& packet) {
    return inner_mtu(way_of(tables, packet));
}

void rewrite(const Tables& tables, WorkerState& state, Moment now, std::span<Frame> frames,
             std::span<Packet> packets) {
    if (encapsulate_common(tables, frames, packets))
        return;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (packets[i].undecided())
            forward(tables, state, now, frames[i], packets[i]);
        else if (packets[i].action == Action::kAnswer)
            answer(tables, frames[i], packets[i]);
    }
}

}  // namespace vipfwd::packet
