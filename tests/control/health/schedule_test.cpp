// SPDX-License-Identifier: Apache-2.0
#include "control/health/schedule.h"

#include <gtest/gtest.h>

namespace vipfwd::health {
namespace {

TEST(Schedule, GivesOutWhatIsDueInTheOrderOfTheDueTimes) {
    Schedule schedule;
    schedule.add(1, 300);
    schedule.add(2, 100);
    schedule.add(3, 200);
    EXPECT_EQ(schedule.next_due_ns(), 100);
    EXPECT_EQ(schedule.take_due(99), std::nullopt);
    EXPECT_EQ(schedule.take_due(250), 2u);
    EXPECT_EQ(schedule.take_due(250), 3u);
    EXPECT_EQ(schedule.take_due(250), std::nullopt);
    EXPECT_EQ(schedule.next_due_ns(), 300);
}

TEST(Schedule, AContraryResultShortensTheInterval) {
    const config::Check check{.interval_ms = 1000, .fast_interval_ms = 200};
    EXPECT_EQ(next_delay_ns(check, false, 0), 1'000'000'000);
    EXPECT_EQ(next_delay_ns(check, true, 0), 200'000'000);
}

TEST(Schedule, JitterShortensByATenthAtMost) {
    const config::Check check{.interval_ms = 1000};
    for (std::uint32_t random = 0; random < 3000; random += 7) {
        const std::int64_t delay_ns = next_delay_ns(check, false, random);
        EXPECT_GT(delay_ns, 900'000'000);
        EXPECT_LE(delay_ns, 1'000'000'000);
    }
    EXPECT_NE(next_delay_ns(check, false, 1), next_delay_ns(check, false, 512));
}

}  // namespace
}  // namespace vipfwd::health
