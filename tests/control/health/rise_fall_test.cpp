// SPDX-License-Identifier: Apache-2.0
#include "control/health/rise_fall.h"

#include <gtest/gtest.h>

#include <string>

namespace vipfwd::health {
namespace {

// The verdict before the first of `probes` ('+' good, '-' bad) and after each of them.
std::string verdicts(std::uint32_t rise, std::uint32_t fall, const std::string& probes) {
    RiseFall results(rise, fall);
    std::string all(1, "?+-"[static_cast<int>(results.verdict())]);
    for (const char result : probes) {
        results.add(result == '+');
        all += "?+-"[static_cast<int>(results.verdict())];
    }
    return all;
}

TEST(RiseFall, TheFirstResultCountsAtOnce) {
    EXPECT_EQ(verdicts(3, 3, "+"), "?+");
    EXPECT_EQ(verdicts(3, 3, "-"), "?-");
}

TEST(RiseFall, WithOneEachResultDecides) {
    EXPECT_EQ(verdicts(1, 1, "+-+"), "?+-+");
}

TEST(RiseFall, OnlyResultsInARowChangeTheVerdict) {
    EXPECT_EQ(verdicts(2, 3, "+--+---++"), "?++++++--+");
    EXPECT_EQ(verdicts(2, 3, "+--+--+"), "?+++++++") << "never three in a row";
    EXPECT_EQ(verdicts(3, 1, "-++-+++"), "?------+");
}

}  // namespace
}  // namespace vipfwd::health
