// SPDX-License-Identifier: Apache-2.0
#include "control/cli/table.h"

#include <gtest/gtest.h>

namespace vipfwd::cli {
namespace {

TEST(Table, TextIsAlignedToTheLeftAndNumbersToTheRight) {
    Table table({{"NAME"}, {"PACKETS", Align::kRight}, {"STATE"}});
    table.add_row({"web", "1,234,567", "up"});
    table.add_row({"a-longer-name", "7", "not running"});
    EXPECT_EQ(table.text(),
              "NAME             PACKETS  STATE\n"
              "web            1,234,567  up\n"
              "a-longer-name          7  not running\n");
}

TEST(Table, WithoutRowsHasOnlyTitles) {
    const Table table({{"NAME"}, {"PACKETS", Align::kRight}});
    EXPECT_TRUE(table.empty());
    EXPECT_EQ(table.text(), "NAME  PACKETS\n");
}

TEST(Table, WidthIsCountedInCharacters) {
    Table table({{"NAME"}, {"N", Align::kRight}});
    table.add_row({"Zürich", "1"});
    table.add_row({"Zurich", "22"});
    EXPECT_EQ(table.text(),
              "NAME     N\n"
              "Zürich   1\n"
              "Zurich  22\n");
}

TEST(Table, NoLineEndsInBlanks) {
    Table table({{"A"}, {"LONG TITLE"}});
    table.add_row({"a", ""});
    EXPECT_EQ(table.text(), "A  LONG TITLE\na\n");
}

TEST(Labelled, TextsAreAligned) {
    EXPECT_EQ(labelled({{"gateway", "gw1"}, {"a label", "x"}, {"", "more of it"}, {"end", ""}}),
              "gateway  gw1\n"
              "a label  x\n"
              "         more of it\n"
              "end\n");
}

}  // namespace
}  // namespace vipfwd::cli
