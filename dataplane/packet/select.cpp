// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/select.h"

#include <array>

#include "dataplane/abi/ring_slot.h"
#include "dataplane/packet/track.h"

namespace vipfwd::packet {
namespace {

// The packet's slot of the ring.
const std::uint16_t* slot_of(const Tables& tables, const ServiceView& service,
                             const Packet& packet) {
    static constexpr std::uint16_t kEmptySlot = abi::kNoBackend;
    if (service.ring_slots == 0)
        return &kEmptySlot;
    const std::uint64_t hash = abi::slot_hash(service.affinity, packet.hash, packet.source,
                                              packet.destination, tables.generation.header.key);
    return &tables.rings[service.ring_start + abi::ring_slot(hash, service.ring_slots)];
}

// The index of a backend in the generation, or kNone. Checks the index that the slot names, because
// the ring is in memory that control can write to.
std::uint32_t backend_of(const ServiceView& service, std::uint16_t index) {
    return index < service.backend_count ? service.backend_base + index : kNone;
}

}  // namespace

// Prefetches all slots before it reads the first one, because rings are larger than the caches.
void select(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
            std::span<Packet> packets) {
    std::array<const std::uint16_t*, kBurstSize> slots;   // null: the packet needs no backend
    const bool is_flooded = state.unpinned.take_noted();  // or was, in the last burst
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const Packet& packet = packets[i];
        slots[i] = nullptr;
        if (!packet.undecided() || packet.backend != kNone)
            continue;
        slots[i] = slot_of(tables, tables.services[packet.service], packet);
        __builtin_prefetch(slots[i]);
        if (is_flooded)
            state.unpinned.prefetch(packet.hash);
    }
    std::array<Packet*, kBurstSize> pinned;
    std::size_t count = 0;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (slots[i] == nullptr)
            continue;
        Packet& packet = packets[i];
        const ServiceView& service = tables.services[packet.service];
        packet.backend = backend_of(service, *slots[i]);
        if (packet.backend == kNone) {
            packet.drop(DropReason::kPoolEmpty);
            continue;
        }
        __builtin_prefetch(&tables.backends[packet.backend]);
        if (!service.ring_only)
            pinned[count++] = &packet;
    }
    if (count > 0)
        pin(tables, state, now, age, std::span<Packet* const>(pinned).first(count));
}

}  // namespace vipfwd::packet
