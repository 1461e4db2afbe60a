// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/gather.h"

#include "dataplane/packet/extension_headers.h"
#include "dataplane/packet/headers.h"

namespace vipfwd::packet {
namespace {

using Outcome = FragmentTable::Outcome;

bool is_fragment(const Packet& packet) {
    return packet.kind == Kind::kFirstFragment || packet.kind == Kind::kLaterFragment;
}

struct Fragment {
    DatagramKey key;
    FragmentPart part;
};

// Parse has validated the headers that are read here.
Fragment read_fragment(const Frame& frame, const Packet& packet) {
    Fragment fragment{{packet.source, packet.destination}, {}};
    if (packet.is_v4) {
        const auto ip = load<Ipv4Header>(frame.bytes(), packet.l3_offset);
        fragment.key.identification = ip.identification.raw;
        fragment.key.protocol = ip.protocol;
        fragment.part.offset = (ip.fragment.host() & kIpv4OffsetMask) * kFragmentUnit;
        fragment.part.is_last = (ip.fragment.host() & kIpv4MoreFragments) == 0;
        fragment.part.length =
            packet.l3_offset + packet.ip_length - std::uint32_t{packet.l4_offset};
        return fragment;
    }
    const auto ip = load<Ipv6Header>(frame.bytes(), packet.l3_offset);
    const std::uint32_t start = packet.l3_offset + static_cast<std::uint32_t>(sizeof ip);
    const ExtensionChain chain =
        walk_extension_headers(frame.bytes().subspan(start), ip.next_header);
    const std::uint16_t field = chain.fragment.fragment.host();
    fragment.key.identification = chain.fragment.identification.raw;
    fragment.part.offset = field & kIpv6OffsetMask;
    fragment.part.is_last = (field & kIpv6MoreFragments) == 0;
    fragment.part.length = packet.l3_offset + packet.ip_length - (start + chain.fragment_end);
    return fragment;
}

void set_ports(const Ports& ports, Packet& packet) {
    packet.source_port = ports.source;
    packet.destination_port = ports.destination;
    packet.protocol = ports.protocol;
}

FragmentTable::Place add_fragment(FragmentTable& fragments, std::uint64_t hash,
                                  std::uint64_t now_ms, const Fragment& fragment,
                                  const Packet& packet) {
    const Ports ports{packet.source_port, packet.destination_port, packet.protocol};
    return fragments.add(fragment.key, hash, fragment.part,
                         packet.kind == Kind::kFirstFragment ? &ports : nullptr, now_ms);
}

void apply_outcome(const FragmentTable& fragments, const FragmentTable::Place& place,
                   Packet& packet) {
    switch (place.outcome) {
        case Outcome::kPasses:
            return set_ports(fragments.ports_of(place.entry), packet);
        case Outcome::kWaits:
            packet.action = Action::kHold;
            packet.held = place.entry;
            packet.held_serial = place.serial;
            return;
        case Outcome::kOverlaps:
            return packet.drop(DropReason::kFragmentOverlap);
        case Outcome::kDuplicate:
            return packet.drop(DropReason::kFragmentDuplicate);
        case Outcome::kTooLate:
            return packet.drop(DropReason::kFragmentTimeout);
    }
}

}  // namespace

void gather(const Tables& tables, WorkerState& state, Moment now, std::span<const Frame> frames,
            std::span<Packet> packets, bool resumed) {
    const abi::HashKey& hash_key = tables.generation.header.key;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        if (!is_fragment(packet) || !packet.undecided() || packet.has_fault)
            continue;
        if (tables.index.find_vip(tables.generation, packet.destination) == kNone) {
            packet.action = Action::kToKernel;
            continue;
        }
        const Fragment fragment = read_fragment(frames[i], packet);
        const std::uint64_t hash = FragmentTable::hash_of(fragment.key, hash_key);
        const std::uint32_t owner = state.fragments.owner(hash);
        if (owner != state.worker) {
            packet.action = Action::kHandOff;
            packet.worker = owner;
            continue;
        }
        apply_outcome(state.fragments,
                      resumed ? state.fragments.resume(fragment.key, hash, now.ms)
                              : add_fragment(state.fragments, hash, now.ms, fragment, packet),
                      packet);
    }
}

}  // namespace vipfwd::packet
