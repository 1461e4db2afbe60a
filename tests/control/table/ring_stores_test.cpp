// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_stores.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <vector>

#include "dataplane/abi/mapping.h"
#include "dataplane/abi/ring_store.h"

namespace vipfwd::table {
namespace {

constexpr std::uint32_t kSmall = abi::kMinRingSlots;
constexpr std::uint32_t kLarge = abi::kMaxRingSlots;
constexpr std::uint32_t kStoresOfLarge = abi::stores_of(kLarge);

abi::PoolEntry pool_with(std::uint32_t store, std::uint32_t slots) {
    abi::PoolEntry pool{};
    pool.ring_store = store;
    pool.ring_slots = slots;
    return pool;
}

TEST(RingStores, ALargeRingTakesStoresThatAreConsecutiveAndFree) {
    RingStores stores;
    stores.mark(std::vector{pool_with(abi::kRingStores - 3, kSmall)});
    const std::uint32_t large = stores.take(kLarge).value();
    EXPECT_EQ(large + kStoresOfLarge, abi::kRingStores - 3);
    EXPECT_EQ(stores.take(kLarge).value() + kStoresOfLarge, large);
    EXPECT_EQ(stores.take(kSmall).value(), 0u) << "small rings are at the other end";
    EXPECT_EQ(stores.take(abi::kDefaultRingSlots).value(), 1u);
}

TEST(RingStores, EveryStoreIsTakenOnceAndTheErrorSaysWhatIsMissing) {
    RingStores stores;
    std::set<std::uint32_t> taken;
    for (std::uint32_t i = 0; i < abi::kRingStores; ++i)
        EXPECT_TRUE(taken.insert(stores.take(kSmall).value()).second);
    EXPECT_EQ(*taken.rbegin(), abi::kRingStores - 1);
    EXPECT_EQ(stores.take(kLarge).error().message,
              "no room for a ring of 655373 slots: it needs 10 consecutive ring stores; of 2048, 0 "
              "are free until all workers have acknowledged the generation in force");
}

TEST(RingStores, MarkingIgnoresWhatIsOutOfBounds) {
    RingStores stores;
    stores.mark(std::vector{pool_with(abi::kNoRing, kSmall), pool_with(abi::kRingStores, kSmall),
                            pool_with(abi::kRingStores - 1, 0xffffffff)});
    EXPECT_EQ(stores.take(kLarge).value() + kStoresOfLarge, abi::kRingStores - 1);
}

TEST(RingStores, ContainTheOnesThatAreMarkedInBoth) {
    RingStores one, both;
    one.mark(std::vector{pool_with(7, kSmall)});
    both.mark(std::vector{pool_with(7, kSmall), pool_with(9, kSmall)});
    EXPECT_TRUE(both.contain(one));
    EXPECT_FALSE(one.contain(both));
}

// How many bytes of a region's rings are in memory.
std::size_t resident_bytes(const abi::ControlArea& area) {
    const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    std::vector<unsigned char> pages(sizeof area.rings / page_bytes);
    EXPECT_EQ(mincore(const_cast<std::uint16_t*>(area.rings), sizeof area.rings, pages.data()), 0);
    return page_bytes * static_cast<std::size_t>(std::ranges::count_if(
                            pages, [](unsigned char page) { return (page & 1) != 0; }));
}

TEST(RingStores, OnlyMarkedStoresKeepTheirMemory) {
    auto region = abi::RegionMapping::create("vipfwd-test", false).value();
    abi::ControlArea& area = region.control_for_writing();
    ASSERT_FALSE(region.is_on_hugepages());
    const std::vector pools{pool_with(1, kSmall), pool_with(3, kLarge), pool_with(20, kSmall)};
    for (std::uint32_t store = 0; store < 30; ++store)
        std::fill_n(area.rings + abi::first_slot_of(store), abi::kRingStoreSlots, 7);
    const std::size_t before = resident_bytes(area);
    EXPECT_GE(before, 30 * abi::kRingStoreSlots * sizeof(std::uint16_t));
    RingStores stores;
    stores.mark(pools);
    stores.release_others(area.rings);
    const std::size_t stores_kept = 2 + kStoresOfLarge;
    EXPECT_LT(resident_bytes(area), (stores_kept + 1) * abi::kRingStoreSlots * 2);
    for (const abi::PoolEntry& pool : pools) {
        const auto ring = abi::ring_of(pool, area.rings);
        EXPECT_EQ(std::ranges::count(ring, 7), static_cast<std::ptrdiff_t>(ring.size()));
    }
    EXPECT_EQ(area.rings[abi::first_slot_of(2) + 5000], 0);
}

}  // namespace
}  // namespace vipfwd::table
