// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/worker_pace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vipfwd::path {
namespace {

constexpr Pause kGoOn{};
constexpr Pause kWait{Pause::Kind::kWait};

constexpr Pause sleep(std::uint32_t us) {
    return {Pause::Kind::kSleep, us};
}

TEST(IdleBackoff, ASpinningWorkerNeverPauses) {
    IdleBackoff backoff(abi::Idle::kSpin);
    for (int round = 0; round < 1000; ++round)
        EXPECT_EQ(backoff.after(0, round % 2 == 0), kGoOn);
}

TEST(IdleBackoff, AWorkerThatCanWaitDoesAfterSomeIdleRounds) {
    IdleBackoff backoff(abi::Idle::kSleep);
    for (std::uint32_t round = 0; round < IdleBackoff::kSpinRounds; ++round)
        EXPECT_EQ(backoff.after(0, true), kGoOn);
    for (int round = 0; round < 1000; ++round)
        EXPECT_EQ(backoff.after(0, true), kWait) << "at once after a wait that found nothing";
}

TEST(IdleBackoff, AWorkerThatCannotWaitSleepsLongerAndLonger) {
    IdleBackoff backoff(abi::Idle::kSleep);
    for (std::uint32_t round = 0; round < IdleBackoff::kSpinRounds; ++round)
        EXPECT_EQ(backoff.after(0, false), kGoOn);
    for (std::uint32_t us = 5; us <= 50; us += 5)
        EXPECT_EQ(backoff.after(0, false), sleep(us));
    for (int round = 0; round < 1000; ++round)
        EXPECT_EQ(backoff.after(0, false), sleep(IdleBackoff::kLongestSleep_us));
}

IdleBackoff after_idle_rounds() {
    IdleBackoff backoff(abi::Idle::kSleep);
    for (std::uint32_t round = 0; round < IdleBackoff::kSpinRounds; ++round)
        EXPECT_EQ(backoff.after(0, true), kGoOn);
    return backoff;
}

TEST(IdleBackoff, AWorkerThatIsWokenForNothingSleepsBeforeItWaitsAgain) {
    IdleBackoff backoff = after_idle_rounds();
    for (std::uint32_t us = 5; us <= 60; us += 5) {
        EXPECT_EQ(backoff.after(0, true), kWait);
        backoff.end_wait(true);
        EXPECT_EQ(backoff.after(0, true), sleep(std::min(us, IdleBackoff::kLongestSleep_us)));
    }
    EXPECT_EQ(backoff.after(0, true), kWait);
    backoff.end_wait(false);
    EXPECT_EQ(backoff.after(0, true), kWait);
    backoff.end_wait(true);
    EXPECT_EQ(backoff.after(0, true), sleep(5)) << "it begins with short sleeps again";
}

TEST(IdleBackoff, AWorkerThatIsWokenForFramesDoesNotSleep) {
    IdleBackoff backoff = after_idle_rounds();
    for (int time = 0; time < 3; ++time) {
        EXPECT_EQ(backoff.after(0, true), kWait);
        backoff.end_wait(true);
        EXPECT_EQ(backoff.after(1, true), kGoOn);
        for (std::uint32_t round = 0; round < IdleBackoff::kSpinRounds; ++round)
            EXPECT_EQ(backoff.after(0, true), kGoOn);
    }
}

TEST(IdleBackoff, AFrameEndsTheBackoff) {
    for (const bool can_wait : {false, true}) {
        IdleBackoff backoff(abi::Idle::kSleep);
        for (int round = 0; round < 100; ++round)
            backoff.after(0, can_wait);
        EXPECT_EQ(backoff.after(1, can_wait), kGoOn);
        for (std::uint32_t round = 0; round < IdleBackoff::kSpinRounds; ++round)
            EXPECT_EQ(backoff.after(0, can_wait), kGoOn);
        EXPECT_NE(backoff.after(0, can_wait), kGoOn);
    }
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

TEST(CensusDue, ACensusTakesTheSameTimeOfEachMillisecond) {
    EXPECT_EQ(census_due(kNanosecondsPerMs), 256u);
    EXPECT_EQ(census_due(kNanosecondsPerMs / 2), 128u);
    EXPECT_EQ(census_due(0), 0u);
    EXPECT_EQ(census_due(4 * kNanosecondsPerMs), 1024u);
    EXPECT_EQ(census_due(kNanosecondsPerS), 1024u) << "it does not catch up";
}

}  // namespace
}  // namespace vipfwd::path
