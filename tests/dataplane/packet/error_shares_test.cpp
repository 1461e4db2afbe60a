// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/error_shares.h"

#include <gtest/gtest.h>

#include <random>

namespace vipfwd::packet {
namespace {

constexpr std::uint64_t kNow_ms = 5000;

class ErrorSharesTest : public ::testing::Test {
  protected:
    // How many of `wanted` errors are sent, all to one source, or each to a random one.
    int take_for(std::uint64_t source, int wanted, bool is_proven = false) {
        int taken = 0;
        for (int i = 0; i < wanted; ++i)
            taken += shares_.take(source, is_proven, now_ms_) ? 1 : 0;
        return taken;
    }
    int take_for_random_sources(int wanted, bool is_proven = false) {
        int taken = 0;
        for (int i = 0; i < wanted; ++i)
            taken += shares_.take(random_(), is_proven, now_ms_) ? 1 : 0;
        return taken;
    }

    ErrorShares shares_;
    std::uint64_t now_ms_ = kNow_ms;
    std::mt19937_64 random_{1};
};

TEST_F(ErrorSharesTest, ASourceHasAShareOfEachSecond) {
    for (int second = 0; second < 3; ++second) {
        int taken = 0;
        for (int step = 0; step < 10; ++step, now_ms_ += kBudgetStep_ms)
            taken += take_for(7, 500, true);
        EXPECT_EQ(taken, 40);
    }
}

TEST_F(ErrorSharesTest, OneSourceLeavesTheOthersTheirs) {
    take_for(7, 100'000);
    EXPECT_EQ(take_for_random_sources(100), 10);
    now_ms_ += kBudgetStep_ms;
    EXPECT_EQ(take_for(7, 1), 0);
    EXPECT_EQ(take_for_random_sources(100), 50);
}

TEST_F(ErrorSharesTest, ForgedSourcesLeaveHalfToFlowsThatHaveLasted) {
    EXPECT_EQ(take_for_random_sources(100'000), 50);
    EXPECT_EQ(take_for_random_sources(100'000, true), 50);
    EXPECT_EQ(take_for_random_sources(100), 0);
    now_ms_ += kBudgetStep_ms;
    EXPECT_EQ(take_for_random_sources(100'000, true), 100) << "they may use all of it";
    EXPECT_EQ(take_for_random_sources(100), 0);
}

TEST_F(ErrorSharesTest, TwoSourcesThatShareAShareHaveTheirOwnInTheNextSecond) {
    constexpr std::uint64_t kVictim = 1;
    std::uint64_t other = 2;
    const auto collide = [&] {
        ErrorShares fresh;
        for (std::uint32_t i = 0; i < kIcmpErrorsPerSecondAndSource; ++i)
            fresh.take(other, false, kNow_ms);
        return !fresh.take(kVictim, false, kNow_ms);
    };
    while (!collide())
        ++other;
    int answered = 0;
    for (int second = 0; second < 100; ++second, now_ms_ += 1000) {
        take_for(other, 1000);
        answered += take_for(kVictim, 1);
    }
    EXPECT_GE(answered, 98);
}

TEST_F(ErrorSharesTest, AtTimeZeroThereAreSharesToo) {
    now_ms_ = 0;
    EXPECT_EQ(take_for(7, 500), 40);
}

}  // namespace
}  // namespace vipfwd::packet
