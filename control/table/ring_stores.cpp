// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_stores.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "dataplane/abi/ring_store.h"

namespace vipfwd::table {
namespace {

// Gives back the whole pages between two slots. An error is of no consequence: the memory is kept.
void release_pages(std::uint16_t* from, std::uint16_t* to) {
    const auto page_bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto start = (reinterpret_cast<std::uintptr_t>(from) + page_bytes - 1) & -page_bytes;
    const auto end = reinterpret_cast<std::uintptr_t>(to) & -page_bytes;
    if (start < end)
        madvise(reinterpret_cast<void*>(start), end - start, MADV_REMOVE);
}

}  // namespace

void RingStores::mark(std::span<const abi::PoolEntry> pools) {
    for (const abi::PoolEntry& pool : pools) {
        const std::uint64_t stores = abi::stores_of(std::min(pool.ring_slots, abi::kMaxRingSlots));
        const std::uint64_t end = std::min<std::uint64_t>(pool.ring_store + stores, in_use_.size());
        for (std::uint64_t store = pool.ring_store; store < end; ++store)
            in_use_[store] = true;
    }
}

bool RingStores::is_free(std::uint32_t first, std::uint32_t count) const {
    const auto start = in_use_.begin() + first;
    return std::none_of(start, start + count, [](bool used) { return used; });
}

Result<std::uint32_t> RingStores::take(std::uint32_t ring_slots) {
    const std::uint32_t needed = abi::stores_of(ring_slots);
    const std::uint32_t places = abi::kRingStores - needed + 1;
    for (std::uint32_t i = 0; i < places; ++i) {
        const std::uint32_t first = needed == 1 ? i : places - 1 - i;
        if (!is_free(first, needed))
            continue;
        std::fill_n(in_use_.begin() + first, needed, true);
        return first;
    }
    const auto free = std::count(in_use_.begin(), in_use_.end(), false);
    return Error{"no room for a ring of " + std::to_string(ring_slots) + " slots: it needs " +
                 std::to_string(needed) + " consecutive ring stores; of " +
                 std::to_string(abi::kRingStores) + ", " + std::to_string(free) +
                 " are free until all workers have acknowledged the generation in force"};
}

bool RingStores::contain(const RingStores& other) const {
    return std::equal(in_use_.begin(), in_use_.end(), other.in_use_.begin(),
                      [](bool here, bool there) { return here || !there; });
}

void RingStores::release_others(std::uint16_t* rings) const {
    auto free = std::find(in_use_.begin(), in_use_.end(), false);
    while (free != in_use_.end()) {
        const auto end = std::find(free, in_use_.end(), true);
        const auto slot_at = [&](auto store) {
            return rings + static_cast<std::size_t>(store - in_use_.begin()) * abi::kRingStoreSlots;
        };
        release_pages(slot_at(free), slot_at(end));
        free = std::find(end, in_use_.end(), false);
    }
}

}  // namespace vipfwd::table
