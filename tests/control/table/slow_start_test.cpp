// SPDX-License-Identifier: Apache-2.0
#include "control/table/slow_start.h"

#include <gtest/gtest.h>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

TEST(SlowStartStep, CountsTenthsOfTheTime) {
    EXPECT_EQ(slow_start_step(1000, 0), 1u);
    EXPECT_EQ(slow_start_step(1000, 99), 1u);
    EXPECT_EQ(slow_start_step(1000, 100), 2u);
    EXPECT_EQ(slow_start_step(1000, 900), 10u);
    EXPECT_EQ(slow_start_step(1000, 1'000'000), 10u);
    EXPECT_EQ(slow_start_step(0, 0), 10u);
}

class NextStep : public ::testing::Test {
  protected:
    NextStep() {
        config_.pools[0].slow_start_ms = 1005;
        tables_ = must_build();
    }

    Tables must_build() { return sample::must_build(config_).tables; }
    std::optional<std::uint64_t> next(std::uint64_t now_ms) {
        return next_step_ms(config_, tables_, now_ms);
    }

    config::Config config_ = sample::config();
    Tables tables_;
};

TEST_F(NextStep, ThereIsNoneIfNoBackendStartsSlowly) {
    EXPECT_EQ(next(10'000), std::nullopt);
}

TEST_F(NextStep, IsTheEarliestOfAllBackends) {
    tables_.backends[1].came_up_at_ms = 10'000;
    tables_.backends[2].came_up_at_ms = 10'050;
    EXPECT_EQ(next(10'050), 10'101u);
    EXPECT_EQ(next(10'101), 10'151u);
    EXPECT_EQ(slow_start_step(1005, 100), 1u);
    EXPECT_EQ(slow_start_step(1005, 101), 2u) << "when it is due, the step is taken";
}

TEST_F(NextStep, IsTriedAgainIfTheLastOneIsOverdue) {
    tables_.backends[1].came_up_at_ms = 10'000;
    EXPECT_EQ(next(20'000), 20'100u);
}

TEST_F(NextStep, ARetiredBackendHasNone) {
    tables_.backends[1].state = static_cast<std::uint8_t>(abi::BackendState::kRetired);
    tables_.backends[1].retired_in = 10'000;
    EXPECT_EQ(next(10'050), std::nullopt);
}

}  // namespace
}  // namespace vipfwd::table
