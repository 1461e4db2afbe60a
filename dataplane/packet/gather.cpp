// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/gather.h"

#include <cstddef>
#include <cstring>

#include "dataplane/packet/extension_headers.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/parse_parts.h"

namespace vipfwd::packet {
namespace {

using Outcome = FragmentTable::Outcome;

struct Fragment {
    std::uint64_t datagram;  // of make_datagram_number()
    FragmentPart part;
};

// Parse has validated the headers that are read here.
[[gnu::always_inline]] inline Fragment read_ipv4_fragment(Bytes frame, const Packet& packet) {
    const Bytes header = frame.subspan(packet.l3_offset);
    const auto identification = load<Be16>(header, offsetof(Ipv4Header, identification));
    const std::uint16_t field = load<Be16>(header, offsetof(Ipv4Header, fragment)).host();
    const std::uint8_t protocol = header[offsetof(Ipv4Header, protocol)];
    return {make_datagram_number(identification.raw, protocol),
            {(field & kIpv4OffsetMask) * kFragmentUnit,
             packet.l3_offset + packet.ip_length - std::uint32_t{packet.l4_offset},
             (field & kIpv4MoreFragments) == 0}};
}

[[gnu::noinline]] Fragment read_ipv6_fragment(Bytes frame, const Packet& packet) {
    const auto ip = load<Ipv6Header>(frame, packet.l3_offset);
    const std::uint32_t start = packet.l3_offset + static_cast<std::uint32_t>(sizeof ip);
    const ExtensionChain chain = walk_extension_headers(frame.subspan(start), ip.next_header);
    const std::uint16_t field = chain.fragment.fragment.host();
    return {make_datagram_number(chain.fragment.identification.raw, 0),
            {field & std::uint32_t{kIpv6OffsetMask},
             packet.l3_offset + packet.ip_length - (start + chain.fragment_end),
             (field & kIpv6MoreFragments) == 0}};
}

[[gnu::always_inline]] inline Fragment read_fragment(const Frame& frame, const Packet& packet) {
    return packet.is_v4 ? read_ipv4_fragment(frame.bytes(), packet)
                        : read_ipv6_fragment(frame.bytes(), packet);
}

// Both ports are copied as one word: the table reads them so, and would wait for two stores of half
// a word each.
constexpr std::size_t kPortsBytes = 2 * sizeof(Be16);
static_assert(offsetof(Ports, destination) == sizeof(Be16) &&
              offsetof(Packet, destination_port) == offsetof(Packet, source_port) + sizeof(Be16));

Ports ports_of(const Packet& packet) {
    Ports ports;
    std::memcpy(&ports.source, &packet.source_port, kPortsBytes);
    ports.protocol = packet.protocol;
    return ports;
}

void set_ports(const Ports& ports, Packet& packet) {
    std::memcpy(&packet.source_port, &ports.source, kPortsBytes);
    packet.protocol = ports.protocol;
}

void apply_outcome(const FragmentTable& fragments, const FragmentTable::Place& place,
                   Packet& packet) {
    switch (place.outcome) {
        case Outcome::kPasses:
            return set_ports(fragments.ports_of(place.entry), packet);
        case Outcome::kWaits:
            packet.action = Action::kHold;
            packet.held = static_cast<std::uint32_t>(place.entry);
            packet.held_serial = fragments.serial_of(place.entry);
            return;
        case Outcome::kOverlaps:
            return packet.drop(DropReason::kFragmentOverlap);
        case Outcome::kDuplicate:
            return packet.drop(DropReason::kFragmentDuplicate);
        case Outcome::kTooLate:
            return packet.drop(DropReason::kFragmentTimeout);
    }
}

// Decides the fragments that are not gathered here: leaves those for no VIP to the kernel, and
// hands off those whose datagram another worker owns. For each fragment of this worker's datagrams,
// prefetches what the table searches, and stores the datagram's hash in Packet::hash. True if there
// are such fragments.
bool prepare(const Tables& tables, const WorkerState& state, std::span<const Frame> frames,
             std::span<Packet> packets) {
    const IpAddress* vip = nullptr;  // of the last fragment
    bool are_any = false;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        if (!packet.is_fragment())
            continue;
        const bool is_for_vip =
            (vip != nullptr && packet.destination == *vip) ||
            tables.index.find_vip(tables.generation, packet.destination) != kNone;
        if (!is_for_vip) {
            packet.action = Action::kToKernel;
            continue;
        }
        vip = &packet.destination;
        const DatagramKey key{packet.source, packet.destination,
                              read_fragment(frames[i], packet).datagram};
        packet.hash = FragmentTable::hash_of(key, tables.generation.header.key);
        const std::uint32_t owner = state.fragments.owner(packet.hash);
        if (owner == state.worker) {
            state.fragments.prefetch(packet.hash);
            are_any = true;
        } else {
            packet.action = Action::kHandOff;
            packet.worker = owner;
        }
    }
    return are_any;
}

}  // namespace

void gather(const Tables& tables, WorkerState& state, Moment now, std::span<const Frame> frames,
            std::span<Packet> packets, bool resumed) {
    if (!prepare(tables, state, frames, packets))
        return;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        if (!packet.is_fragment())
            continue;
        // Read again: to keep what prepare() read would take an array that is cleared in each
        // burst.
        const Fragment fragment = read_fragment(frames[i], packet);
        const DatagramKey key{packet.source, packet.destination, fragment.datagram};
        const Ports ports = ports_of(packet);
        const bool is_first = packet.kind == Kind::kFirstFragment;
        apply_outcome(state.fragments,
                      resumed ? state.fragments.resume(key, packet.hash, now.ms)
                              : state.fragments.add(key, packet.hash, fragment.part,
                                                    is_first ? &ports : nullptr, now.ms),
                      packet);
    }
}

}  // namespace vipfwd::packet
