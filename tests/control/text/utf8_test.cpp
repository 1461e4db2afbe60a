// SPDX-License-Identifier: Apache-2.0
#include "control/text/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace vipfwd::text {
namespace {

TEST(Utf8, CharactersOfEachLengthAreValid) {
    for (const char* text :
         {"", "a\n", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
          "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        EXPECT_EQ(find_invalid_utf8(text), std::nullopt) << text;
    EXPECT_EQ(find_invalid_utf8(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(Utf8, TheFirstInvalidByteIsFound) {
    EXPECT_EQ(find_invalid_utf8("ab\xff"
                                "c\xff"),
              2u);
    EXPECT_EQ(find_invalid_utf8("\xc3\xa4\x80"), 2u) << "a continuation of nothing";
}

TEST(Utf8, OtherEncodingsAreInvalid) {
    for (const char* text :
         {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",  // too long
          "\xed\xa0\x80", "\xed\xbf\xbf",                              // surrogates
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",              // too large
          "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xe2\x28\xa1"})         // cut off
        EXPECT_EQ(find_invalid_utf8(text), 0u);
}

}  // namespace
}  // namespace vipfwd::text
