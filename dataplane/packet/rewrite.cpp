// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/rewrite.h"

#include <algorithm>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/rewrite_parts.h"
#include "dataplane/packet/track.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kReasonableIpv4Mtu = 576;  // any host accepts packets of this size
constexpr std::uint32_t kSmallestIpv6Mtu = 1280;   // RFC 8200 §5

bool may_be_fragmented(const Frame& frame, const Packet& packet) {
    if (!packet.is_v4)
        return false;
    const auto ip = load<Ipv4Header>(frame.bytes(), packet.l3_offset);
    return (ip.fragment.host() & kIpv4DontFragment) == 0;
}

// RFC 1122 §3.2.2, RFC 4443 §2.4: no ICMP error about an ICMP error or a later fragment.
bool may_be_answered(const Packet& packet) {
    return packet.kind == Kind::kFlow || packet.kind == Kind::kFirstFragment;
}

// Tells sources apart, without revealing to them who shares a hash. An IPv6 host has a whole /64.
std::uint64_t hash_of_source(const Tables& tables, const Packet& packet) {
    constexpr std::uint64_t kPurpose = 0x6d74'755f'6572'726f;
    IpAddress source = packet.source;
    if (!packet.is_v4)
        std::fill(source.bytes.begin() + 8, source.bytes.end(), std::uint8_t{0});
    return abi::address_hash(source, kPurpose, tables.generation.header.key);
}

std::uint32_t inner_mtu(const EncapTarget& target) {
    return target.port.mtu > target.overhead ? target.port.mtu - target.overhead : 0;
}

// Has the packet split, answers it with an ICMP error, or drops it. Not inlined, to keep rewrite()
// small.
[[gnu::noinline]] void handle_too_big(const Tables& tables, const EncapTarget& target,
                                      WorkerState& state, Moment now, Frame& frame,
                                      Packet& packet) {
    const std::uint32_t mtu = inner_mtu(target);
    if (may_be_fragmented(frame, packet) && mtu >= kSmallestIpv4Mtu) {
        packet.action = Action::kSplit;
        return;
    }
    if (!may_be_answered(packet) ||
        !state.icmp_errors.take(hash_of_source(tables, packet),
                                has_proven_flow(tables, state, now, packet), now.ms))
        return packet.drop(DropReason::kTooBig);
    answer_too_big(tables, frame, packet, mtu);
    state.counts.too_big_answers += packet.action == Action::kAnswer ? 1 : 0;
}

// `packet` is at the end of the frame, behind the headers that encapsulate it.
bool reports_small_mtu(const Frame& frame, const Packet& packet) {
    const std::uint32_t ip_offset = frame.length() - packet.ip_length;
    const auto icmp =
        load<IcmpHeader>(frame.bytes(), ip_offset + packet.l4_offset - packet.l3_offset);
    if (!packet.is_v4)
        return icmp.type == kIcmpv6TooBig && icmp.rest.host() < kSmallestIpv6Mtu;
    return icmp.type == kIcmpUnreachable && icmp.code == kIcmpFragmentationNeeded &&
           (icmp.rest.host() & 0xffff) < kReasonableIpv4Mtu;
}

// The general path, for packets that encapsulate_common() leaves.
void forward(const Tables& tables, WorkerState& state, Moment now, Frame& frame, Packet& packet) {
    const EncapTarget target = encap_target(tables, packet);
    if (target.backend.resolved == 0)
        return packet.drop(DropReason::kNoNextHop);
    if (target.mode.is_tunnel &&
        (target.outer_v4 ? target.port.source_v4 : target.port.source_v6).is_none())
        return packet.drop(DropReason::kNoTunnelSource);
    if (packet.ip_length + target.overhead > target.port.mtu)
        return handle_too_big(tables, target, state, now, frame, packet);
    if (frame.headroom() + packet.l3_offset < target.overhead + target.port.link_bytes())
        return packet.drop(DropReason::kNoHeadroom);
    encapsulate(tables, target, state.outer_ids, frame, packet);
}

}  // namespace

std::uint32_t count_small_mtus(std::span<const Frame> frames, std::span<const Packet> packets) {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const bool is_error =
            packets[i].kind == Kind::kIcmpError && packets[i].action == Action::kForward;
        count += is_error && reports_small_mtu(frames[i], packets[i]) ? 1 : 0;
    }
    return count;
}

std::uint32_t inner_mtu(const Tables& tables, const Packet& packet) {
    return inner_mtu(encap_target(tables, packet));
}

void rewrite(const Tables& tables, WorkerState& state, Moment now, std::span<Frame> frames,
             std::span<Packet> packets) {
    if (encapsulate_common(tables, state.outer_ids, frames, packets))
        return;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (packets[i].undecided())
            forward(tables, state, now, frames[i], packets[i]);
        else if (packets[i].action == Action::kAnswer)
            answer(tables, frames[i], packets[i]);
    }
}

}  // namespace vipfwd::packet
