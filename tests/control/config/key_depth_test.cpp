// SPDX-License-Identifier: Apache-2.0
#include "control/config/key_depth.h"

#include <gtest/gtest.h>

#include <string>

namespace vipfwd::config {
namespace {

std::string parts(std::size_t count, const std::string& part = "a") {
    std::string key = part;
    for (std::size_t i = 1; i < count; ++i)
        key += "." + part;
    return key;
}

void expect_deep(const std::string& text, Location where) {
    const auto found = find_deep_key(text);
    ASSERT_TRUE(found.has_value()) << text;
    EXPECT_EQ(found->line, where.line) << text;
    EXPECT_EQ(found->column, where.column) << text;
}

TEST(KeyDepth, IsAcceptedUpToItsLimit) {
    EXPECT_FALSE(find_deep_key(parts(kMaxKeyParts) + " = 1\n").has_value());
    EXPECT_FALSE(find_deep_key("[" + parts(kMaxKeyParts) + "]\n").has_value());
}

TEST(KeyDepth, IsReportedAtTheFirstDotTooMany) {
    const std::string deep = parts(kMaxKeyParts + 1);
    expect_deep(deep + " = 1\n", {1, 32});
    expect_deep("x = 1\n[" + deep + "]\n", {2, 33});
    expect_deep("[[" + deep + "]]\n", {1, 34});
    expect_deep("x = [{" + deep + " = 1}]\n", {1, 38});
}

TEST(KeyDepth, CountsQuotedParts) {
    expect_deep(parts(kMaxKeyParts + 1, "\"=\""), {1, 64});
    expect_deep(parts(kMaxKeyParts + 1, "'#'"), {1, 64});
    expect_deep(parts(kMaxKeyParts + 1, "\"\\\"\""), {1, 80});
}

TEST(KeyDepth, CountsColumnsInCharacters) {
    expect_deep("# \xc3\xbc\n\"\xc3\xbc\"." + parts(kMaxKeyParts) + " = 1", {2, 34});
}

TEST(KeyDepth, IsNotFoundInStringsAndComments) {
    const std::string deep = parts(99);
    for (const std::string& text :
         {"# " + deep + "\n", "x = \"" + deep + "\"\n", "x = '" + deep + "'\n",
          "x = \"\\\"" + deep + "\"\n", "x = \"\"\"\n" + deep + "\n\"\"\"\n",
          "x = '''\n" + deep + "\n'''\n", "x = \"\"\"\\\"\"\"" + deep + "\"\"\"\n"})
        EXPECT_FALSE(find_deep_key(text).has_value()) << text;
}

TEST(KeyDepth, IsFoundAfterStrings) {
    const std::string deep = parts(99) + " = 1\n";
    for (const std::string& text :
         {"x = \"\"\"a\"\"\"\"\"\n" + deep, "x = {a = \"\"\"a\"\"\"\", " + deep,
          "x = '''a'''\n" + deep, "x = \"unterminated\n" + deep, "x = ''\n" + deep,
          "x = 'c:\\'\n" + deep})
        EXPECT_TRUE(find_deep_key(text).has_value()) << text;
}

TEST(KeyDepth, ToleratesTextThatStopsAnywhere) {
    for (const char* text : {"", "\"", "\"\\", "'", "\"\"\"", "\"\"\"\\", "'''a''", "#", "a."})
        EXPECT_FALSE(find_deep_key(text).has_value()) << text;
}

}  // namespace
}  // namespace vipfwd::config
