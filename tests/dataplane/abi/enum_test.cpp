// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/enum.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace vipfwd::abi {
namespace {

enum class Color : std::uint8_t { kRed = 0, kGreen = 1, kBlue = 2, kLast = kBlue };

struct Row {
    Color color;
};

TEST(Enum, TheValuesUpToTheLastOneAreKnown) {
    EXPECT_EQ(kEnumCount<Color>, 3u);
    EXPECT_TRUE(is_known<Color>(0));
    EXPECT_TRUE(is_known<Color>(2));
    EXPECT_FALSE(is_known<Color>(3));
    EXPECT_FALSE(is_known<Color>(255));
}

TEST(Enum, ATableIsIndexedIfItHasOneRowForEachEnumeratorInOrder) {
    constexpr std::array rows = {Row{Color::kRed}, Row{Color::kGreen}, Row{Color::kBlue}};
    static_assert(is_indexed_by(rows, &Row::color));
    constexpr std::array reversed = {Row{Color::kBlue}, Row{Color::kGreen}, Row{Color::kRed}};
    static_assert(!is_indexed_by(reversed, &Row::color));
    constexpr std::array short_of_one = {Row{Color::kRed}, Row{Color::kGreen}};
    static_assert(!is_indexed_by(short_of_one, &Row::color));
}

}  // namespace
}  // namespace vipfwd::abi
