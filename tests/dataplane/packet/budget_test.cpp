// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/budget.h"

#include <gtest/gtest.h>

#include <memory>

namespace vipfwd::packet {
namespace {

TEST(RateLimit, EachStepHasItsShareAndNoMore) {
    RateLimit limit(1000);
    for (std::uint64_t now_ms = 5000; now_ms < 6000; now_ms += kBudgetStep_ms) {
        int taken = 0;
        for (int i = 0; i < 500; ++i)
            taken += limit.take(now_ms) ? 1 : 0;
        EXPECT_EQ(taken, 100);
    }
}

TEST(RateLimit, ARateOfOneASecondIsPossible) {
    RateLimit limit(1);
    EXPECT_TRUE(limit.take(0));
    EXPECT_FALSE(limit.take(99));
    EXPECT_TRUE(limit.take(100));
}

TEST(FlowBudget, EachServiceHasABudgetOfItsOwn) {
    const auto budget = std::make_unique<FlowBudget>();
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(budget->take(7, 100, 1000));
    EXPECT_FALSE(budget->take(7, 100, 1000));
    EXPECT_TRUE(budget->take(8, 100, 1000));
    EXPECT_TRUE(budget->take(7, 100, 1100)) << "the next step";
}

TEST(FlowBudget, ARateOfZeroIsNoLimit) {
    const auto budget = std::make_unique<FlowBudget>();
    for (int i = 0; i < 100'000; ++i)
        ASSERT_TRUE(budget->take(0, 0, 1000));
}

}  // namespace
}  // namespace vipfwd::packet
