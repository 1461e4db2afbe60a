// SPDX-License-Identifier: Apache-2.0
#include "control/text/quote.h"

#include <gtest/gtest.h>

namespace vipfwd::text {
namespace {

TEST(Quote, LeavesPrintableTextUnchanged) {
    EXPECT_EQ(quote("eth1"), "'eth1'");
    EXPECT_EQ(quote("gr\xc3\xbc\xc3\x9f"), "'gr\xc3\xbc\xc3\x9f'");
    EXPECT_EQ(quote(""), "''");
}

TEST(Quote, EscapesControlCharacters) {
    EXPECT_EQ(quote("a\nb"), "'a\\x0ab'");
    EXPECT_EQ(quote("\x1b[31m\x7f"), "'\\x1b[31m\\x7f'");
    EXPECT_EQ(quote(std::string_view("\0", 1)), "'\\x00'");
}

TEST(Quote, CutsLongTextBetweenCharacters) {
    EXPECT_EQ(quote(std::string(80, 'a')), "'" + std::string(80, 'a') + "'");
    EXPECT_EQ(quote(std::string(81, 'a')), "'" + std::string(80, 'a') + "...'");
    EXPECT_EQ(quote(std::string(79, 'a') + "\xc3\xbc"), "'" + std::string(79, 'a') + "...'");
}

TEST(Printable, DoesNotCutLongText) {
    EXPECT_EQ(printable(std::string(99, 'a') + "\x1b"), std::string(99, 'a') + "\\x1b");
}

}  // namespace
}  // namespace vipfwd::text
