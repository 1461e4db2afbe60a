// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measure.h"

#include <gtest/gtest.h>

#include "tests/bench/result_line.h"

namespace vipfwd::bench {
namespace {

TEST(Clock, AClockCycleIsWithinAFactorOfTenOfATscCycle) {
    const double tsc = tsc_per_clock_cycle();
    EXPECT_GT(tsc, 0.1);
    EXPECT_LT(tsc, 10);
}

TEST(Clock, ADurationHasTheSameRatioInBothUnitsAsItsCalibrations) {
    Stopwatch stopwatch;
    const Cycles cycles = stopwatch.convert(1000);
    EXPECT_EQ(cycles.tsc, 1000);
    EXPECT_GT(cycles.clock, 100);
    EXPECT_LT(cycles.clock, 10000);
}

TEST(Interruptions, AThreadOnAnotherCpuThanBeforeWasInterrupted) {
    const Interruptions before{.cpu = 0, .preempted = 3, .stolen = 5};
    EXPECT_TRUE(before == (Interruptions{.cpu = 0, .preempted = 3, .stolen = 5}));
    EXPECT_FALSE(before == (Interruptions{.cpu = 1, .preempted = 3, .stolen = 5}));
    EXPECT_FALSE(before == (Interruptions{.cpu = 0, .preempted = 4, .stolen = 5}));
    EXPECT_FALSE(before == (Interruptions{.cpu = 0, .preempted = 3, .stolen = 6}));
}

TEST(Interruptions, TheStolenTimeOfACpuIsReadFromItsLine) {
    const std::string stat =
        "cpu  10 20 30 40 50 60 70 80 90 0\n"
        "cpu1 1 2 3 4 5 6 7 8 9 0\n"
        "cpu10 1 2 3 4 5 6 7 18 9 0\n"
        "intr 123\n";
    EXPECT_EQ(stolen_ticks(stat, 1), 8u);
    EXPECT_EQ(stolen_ticks(stat, 10), 18u);
    EXPECT_EQ(stolen_ticks(stat, 2), 0u);
    EXPECT_EQ(stolen_ticks("", 0), 0u);
}

TEST(Interruptions, TheThreadRunsOnACpuOfTheMachine) {
    EXPECT_GE(Interruptions::of_this_thread().cpu, 0);
    EXPECT_NE(read_proc_stat().find("cpu0 "), std::string::npos);
}

TEST(CycleSamples, InvalidSamplesAreCountedAndLeftOut) {
    CycleSamples samples;
    samples.add({.clock = 10, .tsc = 5}, true);
    samples.add({.clock = 1000, .tsc = 500}, false);
    samples.add({.clock = 10, .tsc = 6}, true);
    EXPECT_EQ(samples.count(), 3u);
    EXPECT_EQ(samples.gated(), 1u);
    EXPECT_TRUE(samples.are_enough());
    EXPECT_EQ(samples.median().clock, 10);
}

TEST(CycleSamples, ATenthOfTheSamplesMustBeValid) {
    CycleSamples samples;
    EXPECT_FALSE(samples.are_enough());
    samples.add({.clock = 1, .tsc = 1}, true);
    for (int i = 0; i < 9; ++i)
        samples.add({.clock = 2, .tsc = 2}, false);
    EXPECT_TRUE(samples.are_enough());
    samples.add({.clock = 2, .tsc = 2}, false);
    EXPECT_FALSE(samples.are_enough());
}

TEST(Line, AFigureHasBothUnitsAndTheNumberOfGatedSamples) {
    CycleSamples samples;
    samples.add({.clock = 8, .tsc = 4}, true);
    samples.add({.clock = 9, .tsc = 4}, false);
    EXPECT_EQ(Line("some", "clock cycles").samples(samples).reference("other", 4).text(),
              R"({"case":"some","unit":"clock cycles","gated":1,"samples":2,"p5":8.0,"value":8.0,)"
              R"("tsc":4.0,"reference":"other","reference_value":4.0,"ratio":2.0})");
}

TEST(Line, TooFewValidSamplesGiveNoFigure) {
    CycleSamples samples;
    samples.add({.clock = 9, .tsc = 4}, false);
    EXPECT_EQ(Line("some", "clock cycles").samples(samples).reference("other", 4).text(),
              R"({"case":"some","unit":"clock cycles","gated":1,"samples":1})");
}

}  // namespace
}  // namespace vipfwd::bench
