// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/rise_fall.h"

#include <gtest/gtest.h>

#include <string>

namespace vipfwd::gateway {
namespace {

// The verdicts after each of `results`, '+' or '-'; '?' before the first.
std::string verdicts(std::uint32_t rise, std::uint32_t fall, const std::string& results) {
    RiseFall examined(rise, fall);
    std::string all(1, "?+-"[static_cast<int>(examined.verdict())]);
    for (const char result : results) {
        examined.note(result == '+');
        all += "?+-"[static_cast<int>(examined.verdict())];
    }
    return all;
}

TEST(RiseFall, TheFirstResultCountsAtOnce) {
    EXPECT_EQ(verdicts(3, 3, "+"), "?+");
    EXPECT_EQ(verdicts(3, 3, "-"), "?-");
}

TEST(RiseFall, OneIsEnoughForOne) {
    EXPECT_EQ(verdicts(1, 1, "+-+"), "?+-+");
}

TEST(RiseFall, ItTakesSoManyInARow) {
    EXPECT_EQ(verdicts(2, 3, "+--+---++"), "?++++++--+");
    EXPECT_EQ(verdicts(2, 3, "+--+--+"), "?+++++++") << "never three in a row";
    EXPECT_EQ(verdicts(3, 1, "-++-+++"), "?------+");
}

}  // namespace
}  // namespace vipfwd::gateway
