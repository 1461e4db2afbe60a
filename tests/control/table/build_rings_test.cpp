// SPDX-License-Identifier: Apache-2.0
// Which rings a generation keeps, shares and needs anew, and their sizes.
#include <gtest/gtest.h>

#include "control/table/build.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using sample::backend;
using sample::must_build;

TEST(BuildRings, PoolsWithEqualMembersShareARing) {
    config::Config config = sample::config();
    config.pools[1].backends = config.pools[0].backends;
    const Build made = must_build(config);
    ASSERT_EQ(made.new_rings.size(), 1u);
    EXPECT_EQ(made.new_rings[0].pools, (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(made.tables.pools[1].ring_slots, abi::kDefaultRingSlots);
}

TEST(BuildRings, ANewPoolSharesTheRingOfAnEqualOneThatIsInForce) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.pools.push_back(config.pools[0]);
    config.pools.back().name = "web2";
    const Build after = must_build(config, before.tables);
    EXPECT_TRUE(after.new_rings.empty());
    EXPECT_EQ(after.tables.pools[2].ring_store, after.tables.pools[0].ring_store);
    EXPECT_EQ(after.tables.pools[2].ring_slots, abi::kDefaultRingSlots);
}

TEST(BuildRings, APoolKeepsTheSizeOfItsRing) {
    config::Config config = sample::config();
    config.pools[0].ring_slots = 251;
    const Build before = must_build(config);
    EXPECT_EQ(before.tables.pools[0].ring_slots, 251u);
    EXPECT_EQ(before.new_rings[0].slots->size(), 251u);
    config.pools[0].ring_slots = 1009;
    EXPECT_TRUE(same(must_build(config, before.tables).tables, before.tables));
    config.pools[0].backends.pop_back();
    const Build shorter = must_build(config, before.tables);
    EXPECT_EQ(shorter.new_rings[0].slots->size(), 251u);
    for (config::Backend& one : config.pools[0].backends)
        one.weight = 0;
    const Build empty = must_build(config, shorter.tables);
    ASSERT_EQ(empty.tables.pools[0].ring_store, abi::kNoRing);
    config.pools[0].backends[0].weight = 1;
    EXPECT_EQ(must_build(config, empty.tables).new_rings[0].slots->size(), 251u);
}

TEST(BuildRings, APoolWhoseBackendsAreAllReplacedGetsTheConfiguredSize) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.pools[0].ring_slots = 1009;
    config.pools[0].backends = {backend("other", "10.0.0.99")};
    const Build after = must_build(config, before.tables);
    EXPECT_NE(after.tables.pools[0].salt, before.tables.pools[0].salt);
    EXPECT_EQ(after.tables.pools[0].ring_slots, 1009u);
}

TEST(BuildRings, ANewPoolOfAnotherSizeGetsARingOfItsOwn) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.pools.push_back(config.pools[0]);
    config.pools.back().name = "web2";
    config.pools.back().ring_slots = 251;
    const Build after = must_build(config, before.tables);
    ASSERT_EQ(after.new_rings.size(), 1u);
    EXPECT_EQ(after.new_rings[0].slots->size(), 251u);
}

TEST(BuildRings, ARingThatWasBuiltBeforeIsNotBuiltAgain) {
    const config::Config config = sample::config();
    const Build trial = must_build(config);
    const RingSupply supply{.key = trial.tables.key, .built = trial.new_rings};
    const auto build_with = [&](const RingSupply& rings) {
        return build(config, sample::facts(), {}, sample::zero_counters(), 0, rings).value();
    };
    EXPECT_EQ(build_with(supply).new_rings[0].slots, trial.new_rings[0].slots);
    const RingSupply of_another_key{.key = {{5, 6}}, .built = trial.new_rings};
    EXPECT_NE(build_with(of_another_key).new_rings[0].slots, trial.new_rings[0].slots);
}

TEST(BuildRings, APoolWithoutServingBackendsHasNoRing) {
    config::Config config = sample::config();
    config.pools[1].backends.clear();
    for (config::Backend& one : config.pools[0].backends)
        one.weight = 0;
    const Build made = must_build(config);
    EXPECT_TRUE(made.new_rings.empty());
    EXPECT_EQ(made.tables.pools[0].ring_store, abi::kNoRing);
    EXPECT_EQ(made.tables.pools[1].ring_store, abi::kNoRing);
}

TEST(BuildRings, ANewKeyRebuildsEveryRing) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.gateway.key = abi::HashKey{{33, 44}};
    EXPECT_EQ(must_build(config, before.tables).new_rings.size(), 2u);
}

}  // namespace
}  // namespace vipfwd::table
