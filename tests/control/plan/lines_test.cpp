// SPDX-License-Identifier: Apache-2.0
#include "control/plan/lines.h"

#include <gtest/gtest.h>

namespace vipfwd::plan {
namespace {

TEST(Lines, OfTooManyTheLastOneCountsTheRest) {
    Lines lines(kMaxLines, "x");
    cut(lines);
    EXPECT_EQ(lines, Lines(kMaxLines, "x"));
    lines.push_back("x");
    cut(lines);
    EXPECT_EQ(lines.size(), kMaxLines);
    EXPECT_EQ(lines.back(), "and 2 more");
}

TEST(Lines, TheFirstOfManyNamesAreGivenAndTheRestIsCounted) {
    EXPECT_EQ(some_of({"a"}), "a");
    EXPECT_EQ(some_of({"a", "b", "c", "d", "e", "f", "g"}), "a, b, c, d, e and 2 more");
}

}  // namespace
}  // namespace vipfwd::plan
