// SPDX-License-Identifier: Apache-2.0
// Where a ring is in the region.
//
// A ring maps each of its slots to the index of a backend within the pool, or to kNoBackend. The
// region has room for kRingStores rings of up to kRingStoreSlots slots. A larger ring takes several
// consecutive stores. Only the pages that are written take memory, so that a small ring costs a
// page, not a store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/abi/limits.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::abi {

// How many consecutive stores a ring of that size takes.
constexpr std::uint32_t stores_of(std::uint32_t ring_slots) {
    return (ring_slots + kRingStoreSlots - 1) / kRingStoreSlots;
}

// The first slot of a store, as an index into ControlArea::rings.
constexpr std::uint32_t first_slot_of(std::uint32_t ring_store) {
    return ring_store * kRingStoreSlots;
}

// A pool's ring; empty if it has none. `rings` are ControlArea::rings. Requires a valid pool.
template <typename Slot>
std::span<Slot> ring_of(const PoolEntry& pool, Slot* rings) {
    if (pool.ring_store == kNoRing)
        return {};
    return {rings + first_slot_of(pool.ring_store), pool.ring_slots};
}

static_assert(kDefaultRingSlots <= kRingStoreSlots);
static_assert(kRingStores * std::uint64_t{kRingStoreSlots} < 0xffffffff);
static_assert(kMaxPools * stores_of(kDefaultRingSlots) <= kMaxRingStoresInForce);

}  // namespace vipfwd::abi
