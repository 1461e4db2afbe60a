// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/select.h"

#include "dataplane/abi/hash.h"
#include "dataplane/packet/track.h"

namespace vipfwd::packet {
namespace {

// What decides the slot: the flow, or of a service with affinity only who it is from.
std::uint64_t slot_hash(const Tables& tables, const abi::ServiceEntry& service,
                        const Packet& packet) {
    if (service.affinity == static_cast<std::uint8_t>(abi::Affinity::kNone))
        return packet.hash;
    return abi::flow_hash({packet.source, packet.destination, {}, {}, 0},
                          tables.generation.header.key);
}

// Index into the backends of the generation, or kNone. What the ring says is checked, because the
// ring lies in memory that control can write.
std::uint32_t choose(const Tables& tables, const abi::PoolEntry& pool, std::uint64_t hash) {
    if (pool.ring_slots == 0)
        return kNone;
    const std::uint32_t slot = abi::ring_slot(hash, pool.ring_slots);
    const std::uint16_t index = tables.rings[pool.ring_store].slots[slot];
    return index < pool.backend_count ? pool.backend_base + index : kNone;
}

}  // namespace

void select(const Tables& tables, Memory& memory, Moment now, const FlowAge& age,
            std::span<Packet> packets) {
    for (Packet& packet : packets) {
        if (!packet.undecided() || packet.backend != kNone)
            continue;
        const abi::ServiceEntry& service = tables.generation.services[packet.service];
        packet.backend = choose(tables, tables.generation.pools[service.pool],
                                slot_hash(tables, service, packet));
        if (packet.backend == kNone)
            packet.drop(DropReason::kPoolEmpty);
        else
            pin(tables, memory, now, age, packet);
    }
}

}  // namespace vipfwd::packet
