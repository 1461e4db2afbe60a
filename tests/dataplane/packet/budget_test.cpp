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

class FlowBudgetTest : public ::testing::Test {
  protected:
    // How many of `wanted` flows of a service are inserted.
    std::uint32_t taken(std::uint32_t service, Evidence evidence, std::uint64_t now_ms,
                        std::uint32_t wanted = 1000) {
        std::uint32_t count = 0;
        for (std::uint32_t i = 0; i < wanted; ++i)
            count += budget_->take(service, evidence, per_second_, now_ms) ? 1 : 0;
        return count;
    }

    std::unique_ptr<FlowBudget> budget_ = std::make_unique<FlowBudget>();
    std::uint32_t per_second_ = 100;
};

TEST_F(FlowBudgetTest, EachServiceHasABudgetOfItsOwn) {
    EXPECT_EQ(taken(7, Evidence::kLasting, 5000), 100u);
    EXPECT_EQ(taken(8, Evidence::kLasting, 5000), 100u);
    EXPECT_EQ(taken(7, Evidence::kLasting, 5100), 10u) << "what is filled in since";
}

TEST_F(FlowBudgetTest, TheRateLimitsAllFlowsAndHalfOfItThoseThatProveNothing) {
    for (const Evidence evidence :
         {Evidence::kSyn, Evidence::kOther, Evidence::kHandshake, Evidence::kLasting}) {
        const bool proves_nothing = evidence == Evidence::kSyn || evidence == Evidence::kOther;
        const auto service = static_cast<std::uint32_t>(evidence);
        taken(service, evidence, 5000);
        std::uint32_t count = 0;
        for (std::uint64_t now_ms = 5001; now_ms <= 15'000; ++now_ms)
            count += taken(service, evidence, now_ms, 10);
        EXPECT_EQ(count, proves_nothing ? 500u : 1000u) << static_cast<int>(evidence);
    }
}

TEST_F(FlowBudgetTest, FlowsThatProveMoreHaveAReserve) {
    EXPECT_EQ(taken(7, Evidence::kSyn, 5000), 13u);
    EXPECT_EQ(taken(7, Evidence::kOther, 5000), 12u);
    EXPECT_EQ(taken(7, Evidence::kHandshake, 5000), 25u);
    EXPECT_EQ(taken(7, Evidence::kLasting, 5000), 25u);
    EXPECT_EQ(taken(7, Evidence::kLasting, 5000), 0u);
}

TEST_F(FlowBudgetTest, AFloodTakesNothingFromFlowsThatProveMore) {
    for (std::uint64_t now_ms = 5000; now_ms < 15'000; ++now_ms) {
        taken(7, Evidence::kSyn, now_ms);
        taken(7, Evidence::kOther, now_ms);
        if (now_ms % 10 == 0) {
            EXPECT_EQ(taken(7, Evidence::kHandshake, now_ms, 1), 1u) << now_ms;
        }
    }
}

TEST_F(FlowBudgetTest, NoFlowsForLongSaveUpForASecondOnly) {
    taken(7, Evidence::kLasting, 5000);
    EXPECT_EQ(taken(7, Evidence::kLasting, 1'000'000), 100u);
}

TEST_F(FlowBudgetTest, RatesMayBeAsLowAsOneAndAsHighAsTheyCome) {
    per_second_ = 1;
    EXPECT_EQ(taken(7, Evidence::kSyn, 5000), 1u);
    EXPECT_EQ(taken(7, Evidence::kLasting, 5999), 0u);
    EXPECT_EQ(taken(7, Evidence::kSyn, 6000), 1u);
    per_second_ = 4'000'000'000;
    EXPECT_EQ(taken(8, Evidence::kSyn, 5000), 1000u);
    per_second_ = 0;
    EXPECT_EQ(taken(9, Evidence::kSyn, 5000, 100'000), 100'000u) << "no limit";
}

}  // namespace
}  // namespace vipfwd::packet
