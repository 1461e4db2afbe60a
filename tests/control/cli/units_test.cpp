// SPDX-License-Identifier: Apache-2.0
#include "control/cli/units.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <ctime>
#include <limits>

namespace vipfwd::cli {
namespace {

TEST(Units, DigitsAreGroupedByThree) {
    EXPECT_EQ(group_digits(0), "0");
    EXPECT_EQ(group_digits(999), "999");
    EXPECT_EQ(group_digits(1000), "1,000");
    EXPECT_EQ(group_digits(123456), "123,456");
    EXPECT_EQ(group_digits(1234567), "1,234,567");
    EXPECT_EQ(group_digits(std::numeric_limits<std::uint64_t>::max()),
              "18,446,744,073,709,551,615");
}

TEST(Units, BytesAreInTheLargestUnitThatLeavesOneOrMore) {
    EXPECT_EQ(bytes_text(0), "0 B");
    EXPECT_EQ(bytes_text(1023), "1023 B");
    EXPECT_EQ(bytes_text(1024), "1.0 KiB");
    EXPECT_EQ(bytes_text(1536), "1.5 KiB");
    EXPECT_EQ(bytes_text((1 << 20) - 1), "1.0 MiB") << "not 1024.0 KiB";
    EXPECT_EQ(bytes_text(5ull << 30), "5.0 GiB");
    EXPECT_EQ(bytes_text(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
}

TEST(Units, FractionsArePercentages) {
    EXPECT_EQ(percent(0), "0.0 %");
    EXPECT_EQ(percent(0.33333), "33.3 %");
    EXPECT_EQ(percent(1), "100.0 %");
}

TEST(Units, DurationsShowTheirTwoLargestUnits) {
    EXPECT_EQ(duration(0), "0 s");
    EXPECT_EQ(duration(59), "59 s");
    EXPECT_EQ(duration(60), "1 min 0 s");
    EXPECT_EQ(duration(3599), "59 min 59 s");
    EXPECT_EQ(duration(3600 + 5 * 60 + 7), "1 h 5 min");
    EXPECT_EQ(duration(3 * 86400 + 4 * 3600), "3 d 4 h");
}

TEST(Units, ClockTimesAreExact) {
    setenv("TZ", "UTC0", 1);
    tzset();
    EXPECT_EQ(clock_time(1'764'590'400'007), "2025-12-01 12:00:00.007");
}

TEST(Units, TimesOfTodayHaveNoDate) {
    setenv("TZ", "UTC0", 1);
    tzset();
    constexpr std::int64_t kNoon_s = 1'764'590'400;  // 2025-12-01 12:00:00
    EXPECT_EQ(time_ago(0, kNoon_s), "12:00:00");
    EXPECT_EQ(time_ago(3661, kNoon_s), "10:58:59");
    EXPECT_EQ(time_ago(12 * 3600, kNoon_s), "00:00:00");
    EXPECT_EQ(time_ago(12 * 3600 + 1, kNoon_s), "2025-11-30 23:59:59");
}

}  // namespace
}  // namespace vipfwd::cli
