// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_builder.h"

#include <gtest/gtest.h>

#include "dataplane/abi/limits.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

constexpr abi::HashKey kBuilderKey{{11, 22}};

std::vector<RingMember> pair_of(std::uint32_t weight) {
    return {{sample::ip("10.0.0.11"), 100, 0}, {sample::ip("10.0.0.12"), weight, 1}};
}

TEST(RingBuilder, ARingIsThatOfItsMembers) {
    const std::vector<NewRing> rings = build_rings({{7, pair_of(100)}}, kBuilderKey, {});
    ASSERT_EQ(rings.size(), 1u);
    EXPECT_EQ(rings[0].pools, std::vector<std::size_t>{7});
    EXPECT_EQ(rings[0].members, pair_of(100));
    RingSlots expected(abi::kDefaultRingSlots);
    build_ring(pair_of(100), kBuilderKey, expected);
    EXPECT_EQ(*rings[0].slots, expected);
}

TEST(RingBuilder, EqualMembersAreBuiltOnce) {
    const std::vector<NewRing> rings =
        build_rings({{0, pair_of(1)}, {1, pair_of(2)}, {2, pair_of(1)}}, kBuilderKey, {});
    ASSERT_EQ(rings.size(), 2u);
    EXPECT_EQ(rings[0].pools, (std::vector<std::size_t>{0, 2}));
    EXPECT_EQ(rings[1].pools, std::vector<std::size_t>{1});
    EXPECT_NE(*rings[0].slots, *rings[1].slots);
}

TEST(RingBuilder, EqualMembersShareOnlyARingOfTheirSize) {
    const std::vector<NewRing> rings = build_rings(
        {{0, pair_of(1), 251}, {1, pair_of(1), 257}, {2, pair_of(1), 251}}, kBuilderKey, {});
    ASSERT_EQ(rings.size(), 2u);
    EXPECT_EQ(rings[0].pools, (std::vector<std::size_t>{0, 2}));
    EXPECT_EQ(rings[0].slots->size(), 251u);
    EXPECT_EQ(rings[1].slots->size(), 257u);
    const RingSupply supply{.key = kBuilderKey, .built = rings};
    const auto again =
        build_rings({{0, pair_of(1), 257}, {1, pair_of(1), 263}}, kBuilderKey, supply);
    EXPECT_EQ(again[0].slots, rings[1].slots);
    EXPECT_EQ(again[1].slots->size(), 263u);
}

TEST(RingBuilder, SeveralThreadsBuildTheSameRingsAsOne) {
    const auto build_on = [](unsigned threads) {
        std::vector<RingOrder> orders;
        for (std::uint32_t i = 0; i < 20; ++i)
            orders.push_back({i, pair_of(i + 1)});
        return build_rings(std::move(orders), kBuilderKey, {.threads = threads});
    };
    const std::vector<NewRing> one = build_on(1);
    for (const unsigned threads : {0u, 4u, 64u}) {
        const std::vector<NewRing> several = build_on(threads);
        ASSERT_EQ(several.size(), 20u);
        for (std::size_t i = 0; i < several.size(); ++i)
            EXPECT_EQ(*several[i].slots, *one[i].slots);
    }
}

TEST(RingBuilder, WhatWasBuiltWithTheSameKeyIsTaken) {
    const std::vector<NewRing> built = build_rings({{0, pair_of(1)}}, kBuilderKey, {});
    const RingSupply supply{.key = kBuilderKey, .built = built};
    const std::vector<NewRing> again =
        build_rings({{3, pair_of(1)}, {4, pair_of(2)}}, kBuilderKey, supply);
    EXPECT_EQ(again[0].slots, built[0].slots);
    EXPECT_NE(again[1].slots, built[0].slots);
    EXPECT_NE(build_rings({{3, pair_of(1)}}, {{1, 2}}, supply)[0].slots, built[0].slots);
}

}  // namespace
}  // namespace vipfwd::table
