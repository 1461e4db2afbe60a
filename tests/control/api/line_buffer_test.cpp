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

TEST(LineBuffer, TheFirstLineHasALength) {
    LineBuffer buffer(100);
    EXPECT_EQ(buffer.line_bytes(), 0u);
    buffer.append("123\n12345");
    EXPECT_EQ(buffer.line_bytes(), 3u);
    EXPECT_EQ(buffer.bytes(), 9u);
    buffer.take_line();
    EXPECT_EQ(buffer.line_bytes(), 5u) << "it is not complete";
    EXPECT_EQ(buffer.bytes(), 5u);
    buffer.append("6\n7");
    EXPECT_EQ(buffer.line_bytes(), 6u);
}

TEST(LineBuffer, ALargeLineIsOneLikeAnother) {
    constexpr std::size_t kBytes = std::size_t{3} << 20;
    const std::string piece(64 << 10, 'x');
    LineBuffer buffer(kBytes);
    buffer.append("before\n");
    for (std::size_t sent = 0; sent < kBytes; sent += piece.size())
        buffer.append(piece);
    EXPECT_EQ(buffer.take_line(), "before");
    buffer.append("\nafter\nlast");
    EXPECT_EQ(buffer.take_line(), std::string(kBytes, 'x'));
    EXPECT_EQ(buffer.take_line(), "after");
    EXPECT_EQ(buffer.take_line(), std::nullopt);
    EXPECT_EQ(buffer.line_bytes(), 4u);
}

}  // namespace
}  // namespace vipfwd::api
