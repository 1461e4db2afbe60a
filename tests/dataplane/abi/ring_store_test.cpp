// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/ring_store.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace vipfwd::abi {
namespace {

TEST(RingStore, ARingTakesAsManyStoresAsItsSlotsNeed) {
    EXPECT_EQ(stores_of(kMinRingSlots), 1u);
    EXPECT_EQ(stores_of(kDefaultRingSlots), 1u);
    EXPECT_EQ(stores_of(kRingStoreSlots), 1u);
    EXPECT_EQ(stores_of(kRingStoreSlots + 1), 2u);
    EXPECT_EQ(stores_of(kMaxRingSlots), 10u);
}

TEST(RingStore, ARingGoesOnInTheFollowingStores) {
    std::vector<std::uint16_t> rings(12 * kRingStoreSlots);
    PoolEntry pool{};
    pool.ring_store = 2;
    pool.ring_slots = kMaxRingSlots;
    const auto ring = ring_of(pool, rings.data());
    EXPECT_EQ(ring.data(), &rings[2 * kRingStoreSlots]);
    EXPECT_EQ(ring.size(), kMaxRingSlots);
    EXPECT_LE(first_slot_of(2) + ring.size(), rings.size());
    pool.ring_store = kNoRing;
    EXPECT_TRUE(ring_of(pool, rings.data()).empty());
}

}  // namespace
}  // namespace vipfwd::abi
