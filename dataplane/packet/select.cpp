// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/select.h"

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

// Index into the backends of the generation, or kNone. What the ring says is checked, because the
// ring lies in memory that control can write.
std::uint32_t choose(const Tables& tables, const ServiceView& service, std::uint64_t hash) {
    if (service.ring_slots == 0)
        return kNone;
    const std::uint32_t slot = abi::ring_slot(hash, service.ring_slots);
    const std::uint16_t index = tables.rings[service.ring_store].slots[slot];
    return index < service.backend_count ? service.backend_base + index : kNone;
}

}  // namespace

void select(const Tables& tables, Memory& memory, Moment now, const FlowAge& age,
            std::span<Packet> packets) {
    for (Packet& packet : packets) {
        if (!packet.undecided() || packet.backend != kNone)
            continue;
        const ServiceView& service = tables.services[packet.service];
        packet.backend = choose(tables, service, slot_hash(tables, service, packet));
        if (packet.backend == kNone)
            packet.drop(DropReason::kPoolEmpty);
        else
            pin(tables, memory, now, age, packet);
    }
}

}  // namespace vipfwd::packet
