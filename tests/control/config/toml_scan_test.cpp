// SPDX-License-Identifier: Apache-2.0
#include "control/config/toml_scan.h"

#include <gtest/gtest.h>

#include <string_view>

namespace vipfwd::config {
namespace {

TEST(TomlScan, ConvertsBetweenOffsetsAndPlaces) {
    constexpr std::string_view kText = "a\nb“c\n\nd";
    for (const std::size_t at : {0u, 1u, 2u, 3u, 6u, 7u, 8u, 9u})
        EXPECT_EQ(offset_of(kText, location_of(kText, at)), at);
    EXPECT_EQ(location_of(kText, 6).line, 2u);
    EXPECT_EQ(location_of(kText, 6).column, 3u);  // in characters
    EXPECT_EQ(offset_of(kText, {9, 1}), kText.size());
    EXPECT_EQ(offset_of(kText, {4, 99}), kText.size());
}

TEST(TomlScan, FindsTheEndOfStrings) {
    EXPECT_EQ(end_of_string(R"("ab" c)", 0), 4u);
    EXPECT_EQ(end_of_string(R"(x 'a"b' c)", 2), 7u);
    EXPECT_EQ(end_of_string(R"("a\"b" c)", 0), 6u);
    EXPECT_EQ(end_of_string(R"('a\' c)", 0), 4u);
    EXPECT_EQ(end_of_string("\"\"\"a\n\"b\"\"\"\"\" c", 0), 12u);
    EXPECT_EQ(end_of_string("'''a\nb''' c", 0), 9u);
}

TEST(TomlScan, EndsUnterminatedStringsAtTheLineOrTheText) {
    EXPECT_EQ(end_of_string("\"ab\nc", 0), 3u);
    EXPECT_EQ(end_of_string("\"ab", 0), 3u);
    EXPECT_EQ(end_of_string("\"a\\", 0), 3u);
    EXPECT_EQ(end_of_string("\"\"\"a\nb", 0), 6u);
}

TEST(TomlScan, EndsCommentsBeforeTheNextLine) {
    EXPECT_EQ(end_of_comment("# a\nb", 0), 3u);
    EXPECT_EQ(end_of_comment("# a", 0), 3u);
}

}  // namespace
}  // namespace vipfwd::config
