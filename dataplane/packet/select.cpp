// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/select.h"

#include "dataplane/abi/hash.h"

namespace vipfwd::packet {
namespace {

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

void select(const Tables& tables, const FlowTable& flows, std::uint32_t now_s,
            std::span<Packet> packets, FlowEvents& events) {
    for (Packet& packet : packets) {
        if (!packet.undecided() || packet.backend != kNone)
            continue;
        const abi::ServiceEntry& service = tables.generation.services[packet.service];
        packet.backend = choose(tables, tables.generation.pools[service.pool], packet.hash);
        if (packet.backend == kNone)
            packet.drop(DropReason::kPoolEmpty);
        else
            pin(tables, flows, now_s, packet, events);
    }
}

}  // namespace vipfwd::packet
