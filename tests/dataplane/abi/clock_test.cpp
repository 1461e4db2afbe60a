// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/clock.h"

#include <gtest/gtest.h>

namespace vipfwd {
namespace {

TEST(Clock, SecondsAndMillisecondsSinceTheStartAgree) {
    const std::uint64_t before_ms = boottime_ms();
    const std::uint64_t between_s = boottime_s();
    const std::uint64_t after_ms = boottime_ms();
    EXPECT_LE(before_ms / 1000, between_s);
    EXPECT_LE(between_s, after_ms / 1000);
}

TEST(Clock, TheTimeOfDayIsInMilliseconds) {
    constexpr std::int64_t k2020_ms = 1'577'836'800'000;
    EXPECT_GT(unix_ms(), k2020_ms);
    EXPECT_LT(unix_ms(), 10 * k2020_ms);
}

}  // namespace
}  // namespace vipfwd
