// SPDX-License-Identifier: Apache-2.0
#include "control/health/flap_damper.h"

#include <gtest/gtest.h>

#include <vector>

namespace vipfwd::health {
namespace {

// A backend on a simulated clock.
class FlapDamperTest : public ::testing::Test {
  protected:
    void wait(std::int64_t time_s) { now_ns_ += time_s * kNanosecondsPerS; }
    // Up for that time, then down. Returns for how long it is held down then.
    std::int64_t flap(std::int64_t up_for_s) {
        wait(damper_.hold_s(now_ns_));
        damper_.on_up(now_ns_);
        wait(up_for_s);
        return fail();
    }
    std::int64_t fail() {
        damper_.on_down(now_ns_);
        const std::int64_t hold_s = damper_.hold_s(now_ns_);
        EXPECT_EQ(damper_.is_holding(now_ns_), hold_s > 0);
        return hold_s;
    }

    FlapDamper damper_;
    std::int64_t now_ns_ = 1;
};

TEST_F(FlapDamperTest, TheFirstFailuresAreTolerated) {
    EXPECT_EQ(fail(), 0) << "it has been up for long";
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(flap(5), 0);
    EXPECT_FALSE(damper_.is_holding(now_ns_));
}

TEST_F(FlapDamperTest, HoldsGrowUpToAMinute) {
    std::vector<std::int64_t> holds;
    for (int i = 0; i < 100; ++i)
        holds.push_back(flap(1));
    EXPECT_EQ(std::vector(holds.begin(), holds.begin() + 12),
              (std::vector<std::int64_t>{0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60}));
    EXPECT_EQ(holds.back(), 60);
}

TEST_F(FlapDamperTest, AHoldEnds) {
    for (int i = 0; i < 4; ++i)
        flap(1);
    EXPECT_EQ(flap(1), 2);
    EXPECT_TRUE(damper_.is_holding(now_ns_));
    wait(1);
    EXPECT_TRUE(damper_.is_holding(now_ns_));
    wait(1);
    EXPECT_FALSE(damper_.is_holding(now_ns_));
}

TEST_F(FlapDamperTest, OneThatHasBeenStableBeginsAgain) {
    for (int i = 0; i < 10; ++i)
        flap(1);
    EXPECT_EQ(flap(FlapDamper::kStable_s), 0);
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(flap(1), 0);
    EXPECT_EQ(flap(1), 2);
}

TEST_F(FlapDamperTest, TheTimeInWhichItIsDownDoesNotCountAsStable) {
    for (int i = 0; i < 5; ++i)
        flap(1);
    wait(1000);
    EXPECT_EQ(flap(1), 4);
}

}  // namespace
}  // namespace vipfwd::health
