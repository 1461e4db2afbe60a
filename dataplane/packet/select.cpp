// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/select.h"

#include <array>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/track.h"

namespace vipfwd::packet {
namespace {

// What decides the slot: the flow, or of a service with affinity only who it is from.
std::uint64_t slot_hash(const Tables& tables, const ServiceView& service, const Packet& packet) {
    if (service.affinity == abi::Affinity::kNone)
        return packet.hash;
    return abi::flow_hash({packet.source, packet.destination, {}, {}, 0},
                          tables.generation.header.key);
}

// The packet's slot of the ring.
const std::uint16_t* slot_of(const Tables& tables, const ServiceView& service,
                             const Packet& packet) {
    static constexpr std::uint16_t kNobody = abi::kNoBackend;
    if (service.ring_slots == 0)
        return &kNobody;
    const std::uint64_t hash = slot_hash(tables, service, packet);
    return &tables.rings[service.ring_store].slots[abi::ring_slot(hash, service.ring_slots)];
}

// Index into the backends of the generation, or kNone. What the ring says is checked, because the
// ring lies in memory that control can write.
std::uint32_t choose(const ServiceView& service, std::uint16_t index) {
    return index < service.backend_count ? service.backend_base + index : kNone;
}

}  // namespace

// All slots are under way from memory before the first one is used: rings are larger than caches.
void select(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
            std::span<Packet> packets) {
    std::array<const std::uint16_t*, kBurstSize> slots;  // null: nothing to select
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const Packet& packet = packets[i];
        slots[i] = nullptr;
        if (!packet.undecided() || packet.backend != kNone)
            continue;
        slots[i] = slot_of(tables, tables.services[packet.service], packet);
        __builtin_prefetch(slots[i]);
    }
    std::array<const Packet*, kBurstSize> pinned;
    std::size_t count = 0;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (slots[i] == nullptr)
            continue;
        Packet& packet = packets[i];
        const ServiceView& service = tables.services[packet.service];
        packet.backend = choose(service, *slots[i]);
        if (packet.backend == kNone) {
            packet.drop(DropReason::kPoolEmpty);
            continue;
        }
        __builtin_prefetch(&tables.backends[packet.backend]);
        if (!service.ring_only)
            pinned[count++] = &packet;
    }
    pin(tables, state, now, age, std::span(pinned).first(count));
}

}  // namespace vipfwd::packet
