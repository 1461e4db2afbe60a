// SPDX-License-Identifier: Apache-2.0
#include "control/net/route_table.h"

#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"

namespace vipfwd::net {
namespace {

const IpAddress kA = *parse_ip("10.0.0.1");
const IpAddress kB = *parse_ip("10.0.1.1");
const IpAddress kC = *parse_ip("fd00::1");

TEST(RouteTable, ADuplicateAddressIsDueOnce) {
    RouteTable table;
    EXPECT_TRUE(table.track({kC, kA, kB, kA}).empty());
    EXPECT_EQ(table.take_due(2).size(), 2u);
    EXPECT_TRUE(table.any_due());
    EXPECT_EQ(table.take_due(2).size(), 1u);
    EXPECT_FALSE(table.any_due());
    EXPECT_TRUE(table.take_due(2).empty());
}

TEST(RouteTable, AnAddressThatStaysKeepsItsAnswerWhenOthersAreReplaced) {
    RouteTable table;
    table.track({kA, kB});
    table.apply_answer(kA, RouteMessage{.first = kA, .last = kA, .interface = 7, .gateway = {}});
    table.apply_answer(kB, std::nullopt)->neighbor = NeighborKey{7, kB};
    const std::vector<RouteTable::Entry> untracked = table.track({kC, kA});
    ASSERT_EQ(untracked.size(), 1u);
    EXPECT_EQ(untracked[0].neighbor, (NeighborKey{7, kB}));
    EXPECT_EQ(table.find(kB), nullptr);
    EXPECT_TRUE(table.find(kA)->answered);
    EXPECT_EQ(table.find(kA)->route->interface, 7);
    EXPECT_FALSE(table.find(kC)->answered);
}

TEST(RouteTable, IsCurrentWhenEveryAddressHasBeenAnsweredSinceItWasTracked) {
    RouteTable table;
    EXPECT_TRUE(table.all_current());
    table.track({kA, kB});
    table.apply_answer(kA, std::nullopt);
    table.apply_answer(kA, std::nullopt);
    EXPECT_FALSE(table.all_current());
    table.apply_answer(kB, std::nullopt);
    EXPECT_TRUE(table.all_current());
    table.make_all_due();
    EXPECT_TRUE(table.all_current());
    table.track({kA});
    EXPECT_TRUE(table.all_current()) << "what stays is not asked for again";
    EXPECT_TRUE(table.any_due());
    table.track({kA, kC});
    EXPECT_FALSE(table.all_current());
    table.apply_answer(kC, std::nullopt);
    EXPECT_TRUE(table.all_current());
    table.forget_answers();
    EXPECT_FALSE(table.all_current());
}

TEST(RouteTable, OnlyNewAddressesAreDue) {
    RouteTable table;
    table.track({kA, kB});
    table.take_due(10);
    table.track({kA, kB, kC});
    EXPECT_EQ(table.take_due(10), std::vector{kC});
    table.forget_answers();
    EXPECT_EQ(table.take_due(10).size(), 3u);
}

TEST(RouteTable, AChangedRouteMakesTheAddressesItCoversDue) {
    RouteTable table;
    table.track({kA, kB, kC});
    table.take_due(10);
    table.make_due(*parse_ip("10.0.1.0"), *parse_ip("10.0.1.255"));
    EXPECT_EQ(table.take_due(10), std::vector{kB});
    table.make_due(*parse_ip("0.0.0.0"), *parse_ip("255.255.255.255"));
    EXPECT_EQ(table.take_due(10).size(), 2u);
    table.make_due(*parse_ip("192.168.0.0"), *parse_ip("192.168.255.255"));
    EXPECT_FALSE(table.any_due());
}

TEST(RouteTable, AnAddressThatBecomesDueAgainAndAgainStarvesNoOther) {
    RouteTable table;
    table.track({kA, kB, kC});
    std::vector<IpAddress> taken;
    for (int i = 0; i < 3; ++i) {
        const std::vector<IpAddress> one = table.take_due(1);
        taken.insert(taken.end(), one.begin(), one.end());
        table.make_due(kA, kA);
    }
    EXPECT_EQ(taken, (std::vector{kA, kB, kC}));
}

}  // namespace
}  // namespace vipfwd::net
