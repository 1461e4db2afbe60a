// SPDX-License-Identifier: Apache-2.0
#include "control/api/line_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vipfwd::api {
namespace {

TEST(LineBuffer, ReturnsLinesNoMatterHowTheBytesArrive) {
    LineBuffer buffer(100);
    std::vector<std::string> lines;
    for (const char c : std::string("one\n\ntwo\nrest")) {
        buffer.append({&c, 1});
        while (auto line = buffer.take_line())
            lines.push_back(*line);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "", "two"}));
    buffer.append("\nthree\nfour\n");
    EXPECT_EQ(buffer.take_line(), "rest");
    EXPECT_EQ(buffer.take_line(), "three");
    buffer.append("five");
    EXPECT_EQ(buffer.take_line(), "four");
    EXPECT_FALSE(buffer.has_line());
    EXPECT_EQ(buffer.take_line(), std::nullopt);
}

TEST(LineBuffer, TheLimitAppliesToEachLine) {
    LineBuffer buffer(4);
    buffer.append("1234\n1234\n1234\n");
    EXPECT_FALSE(buffer.overlong());
    buffer.append("12345");
    EXPECT_FALSE(buffer.overlong()) << "the first line is not too long";
    for (int i = 0; i < 3; ++i)
        buffer.take_line();
    EXPECT_TRUE(buffer.overlong());
    buffer.append("\n");
    EXPECT_TRUE(buffer.overlong()) << "a complete line, too";
}

}  // namespace
}  // namespace vipfwd::api
