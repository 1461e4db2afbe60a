// SPDX-License-Identifier: Apache-2.0
#include "control/text/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace vipfwd::text {
namespace {

TEST(ParseNumber, TakesTheWholeTextOrNothing) {
    EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
    EXPECT_EQ(parse_number<std::uint16_t>("007"), 7);
    for (const char* const text : {"", "65536", "-1", "+1", " 1", "1 ", "1x", "0x1"})
        EXPECT_EQ(parse_number<std::uint16_t>(text), std::nullopt) << text;
}

}  // namespace
}  // namespace vipfwd::text
