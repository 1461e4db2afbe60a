// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/worker_pace.h"

#include <gtest/gtest.h>

namespace vipfwd::path {
namespace {

TEST(IdleBackoff, ASpinningWorkerNeverSleeps) {
    IdleBackoff backoff(abi::Idle::kSpin);
    for (int round = 0; round < 1000; ++round)
        EXPECT_EQ(backoff.sleep_after(0), 0u);
}

TEST(IdleBackoff, AWorkerSleepsAfterSomeIdleRoundsAndThenLonger) {
    IdleBackoff backoff(abi::Idle::kSleep);
    for (std::uint32_t round = 0; round < IdleBackoff::kSpinRounds; ++round)
        EXPECT_EQ(backoff.sleep_after(0), 0u);
    for (std::uint32_t sleep = 5; sleep <= 50; sleep += 5)
        EXPECT_EQ(backoff.sleep_after(0), sleep);
    for (int round = 0; round < 1000; ++round)
        EXPECT_EQ(backoff.sleep_after(0), IdleBackoff::kLongestSleep_us);
}

TEST(IdleBackoff, AFrameEndsTheBackoff) {
    IdleBackoff backoff(abi::Idle::kSleep);
    for (int round = 0; round < 100; ++round)
        backoff.sleep_after(0);
    EXPECT_EQ(backoff.sleep_after(1), 0u);
    for (std::uint32_t round = 0; round < IdleBackoff::kSpinRounds; ++round)
        EXPECT_EQ(backoff.sleep_after(0), 0u);
    EXPECT_GT(backoff.sleep_after(0), 0u);
}

TEST(SweepPace, SweepsTheTableTwiceInThePromisedPeriod) {
    for (const std::uint64_t buckets : {1ull, 1000ull, 1ull << 26}) {
        SweepPace pace;
        std::uint64_t swept = 0;
        for (std::uint32_t s = 0; s < abi::kFlowSweepPeriod_s; ++s)
            swept += pace.due(kNanosecondsPerS, buckets);
        EXPECT_EQ(swept, 2 * buckets);
    }
}

TEST(SweepPace, ShortTimesAddUp) {
    SweepPace pace;
    std::uint64_t swept = 0;
    for (int ms = 0; ms < 900'000; ++ms)
        swept += pace.due(kNanosecondsPerMs, 3);
    EXPECT_EQ(swept, 3u);
}

TEST(SweepPace, ALongPauseIsNotMadeUpFor) {
    SweepPace pace;
    const std::uint64_t hour_ns = 3600ull * kNanosecondsPerS;
    EXPECT_EQ(pace.due(hour_ns, 900), 60u) << "as many as in a minute";
}

}  // namespace
}  // namespace vipfwd::path
