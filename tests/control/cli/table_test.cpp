// SPDX-License-Identifier: Apache-2.0
#include "control/cli/table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

Table narrowable() {
    Table table({{"NAME"},
                 {"MTU", Align::kRight, 2},
                 {"VLAN", Align::kRight, 1},
                 {"STATE"},
                 {"KERNEL INTERFACE", Align::kLeft, 3}});
    table.add_row({"uplink", "1500", "-", "up", "eth1"});
    return table;
}

TEST(Table, LeavesOutEmptyColumnsAndThoseOfTheHighestRank) {
    EXPECT_EQ(narrowable().text(48),
              "NAME     MTU  VLAN  STATE  KERNEL INTERFACE\n"
              "uplink  1500     -  up     eth1\n");
    EXPECT_EQ(narrowable().text(40),
              "NAME     MTU  STATE  KERNEL INTERFACE\n"
              "uplink  1500  up     eth1\n"
              "(--wide shows VLAN, too)\n");
    EXPECT_EQ(narrowable().text(30),
              "NAME     MTU  STATE\n"
              "uplink  1500  up\n"
              "(--wide shows VLAN, KERNEL\n"
              "INTERFACE, too)\n");
    EXPECT_EQ(narrowable().text(13),
              "NAME    STATE\n"
              "uplink  up\n"
              "(--wide shows\n"
              "MTU, VLAN,\n"
              "KERNEL\n"
              "INTERFACE,\n"
              "too)\n");
}

TEST(Table, ANarrowColumnTakesTheRoomThatAWideOneCannotUse) {
    Table table({{"NAME"}, {"ADDRESS", Align::kLeft, 1}, {"N", Align::kRight, 2}});
    table.add_row({"uplink", "2001:db8:1234:5678::100", "7"});
    EXPECT_EQ(table.text(24),
              "NAME    N\n"
              "uplink  7\n"
              "(--wide shows ADDRESS,\n"
              "too)\n");
}

TEST(Table, IsMadeOfBlocksWhereItsMainColumnsDoNotFit) {
    Table table({{"SERVICE"}, {"VIP"}, {"POOL", Align::kLeft, 1}});
    table.add_row({"web", "2001:db8:1111:2222:3333:4444:5555:6666", "a"});
    table.add_row({"dns", "fd00::100", "b"});
    EXPECT_EQ(table.text(40),
              "SERVICE  web\n"
              "VIP      2001:db8:1111:2222:3333:4444:5555:6666\n"
              "POOL     a\n"
              "\n"
              "SERVICE  dns\n"
              "VIP      fd00::100\n"
              "POOL     b\n");
}

TEST(Table, WrapsSentencesBeforeColumnsAreLeftOut) {
    Table table({{"REASON"}, {"N", Align::kRight, 1}, {"TEXT", Align::kLeft, 0, true}});
    table.add_row({"ttl", "7", "the packet has a time to live of zero on the wire"});
    table.add_row({"mtu", "12", "too big"});
    EXPECT_EQ(table.text(50),
              "REASON   N  TEXT\n"
              "ttl      7  the packet has a time to live of zero\n"
              "            on the wire\n"
              "mtu     12  too big\n");
    EXPECT_EQ(table.text(35),
              "REASON  TEXT\n"
              "ttl     the packet has a time to\n"
              "        live of zero on the wire\n"
              "mtu     too big\n"
              "(--wide shows N, too)\n");
}

TEST(Wrap, BreaksBetweenWordsOnly) {
    using Lines = std::vector<std::string>;
    EXPECT_EQ(wrap("", 5), Lines{""});
    EXPECT_EQ(wrap("one two", 7), Lines{"one two"});
    EXPECT_EQ(wrap("one two", 6), (Lines{"one", "two"}));
    EXPECT_EQ(wrap("a/long/path and more", 8), (Lines{"a/long/path", "and more"}));
    EXPECT_EQ(wrap("  indented text", 12), (Lines{"  indented", "text"}));
    EXPECT_EQ(wrap("Zürich Köln", 11), Lines{"Zürich Köln"});
}

TEST(Labelled, TextsAreWrapped) {
    EXPECT_EQ(labelled({{"status", "ok"}, {"", "a reason of many words"}}, 20),
              "status  ok\n"
              "        a reason of\n"
              "        many words\n");
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
