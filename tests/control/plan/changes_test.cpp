// SPDX-License-Identifier: Apache-2.0
#include "control/plan/changes.h"

#include <gtest/gtest.h>

#include "tests/control/table/sample.h"

namespace vipfwd::plan {
namespace {

using config::Config;
using table::sample::backend;
using table::sample::group;
using table::sample::ip;
using table::sample::service;

Config before() {
    Config config = table::sample::config();
    config.groups = {group("edge", {ip("10.0.0.100"), ip("10.0.0.101")})};
    return config;
}

TEST(DescribeChanges, TheSameConfigurationHasNone) {
    EXPECT_EQ(describe_changes(before(), before()), Lines{});
}

TEST(DescribeChanges, NamesBackendsAndWhatBecomesOfTheirConnections) {
    Config after = before();
    after.pools[0].backends = {backend("web1", "10.0.0.11", 50), backend("web2", "10.0.0.12", 0),
                               backend("web4", "10.0.0.14")};
    EXPECT_EQ(describe_changes(before(), after),
              Lines{"pool web: adds backend web4; removes backend web3 (its connections break); "
                    "drains backend web2 (their connections go on); weight web1 100 "
                    "-> 50"});
}

TEST(DescribeChanges, TellsHowManyConnectionsOfARemovedBackendBreak) {
    Config after = before();
    after.pools[0].backends.pop_back();
    const auto line_with = [&](const ResetFigure& figure) {
        return describe_changes(before(), after, {.services = {}, .backends = {{"web", figure}}});
    };
    EXPECT_EQ(line_with({}), Lines{"pool web: removes backend web3 (it has no connections)"});
    EXPECT_EQ(line_with({.flows = 1}),
              Lines{"pool web: removes backend web3 (up to 1 connection breaks)"});
    EXPECT_EQ(line_with({.flows = 1312}),
              Lines{"pool web: removes backend web3 (up to 1,312 connections break)"});
    EXPECT_EQ(line_with({.flows = 7, .is_unpinned = true}),
              Lines{"pool web: removes backend web3 (7 connections or more break)"});
    EXPECT_EQ(line_with({.is_uncounted = true}),
              Lines{"pool web: removes backend web3 (its connections break; how many is not "
                    "known)"});
    after.pools[0].backends.pop_back();
    EXPECT_EQ(line_with({}),
              Lines{"pool web: removes backends web2, web3 (they have no connections)"});
}

TEST(DescribeChanges, TellsOfAnotherPoolWhoseResetsAreNotKnown) {
    Config after = before();
    after.services[0].pool = 1;
    const auto line_with = [&](const ResetFigure& figure) {
        return describe_changes(before(), after, {.services = {{"web", figure}}, .backends = {}});
    };
    EXPECT_EQ(line_with({.is_uncounted = true}),
              Lines{"service web: pool web -> db (how many connections that resets is not "
                    "known)"});
    EXPECT_EQ(line_with({.flows = 3}), Lines{"service web: pool web -> db"}) << "a loss tells it";
}

TEST(DescribeChanges, TellsThatABackendIsCheckedElsewhere) {
    Config after = before();
    after.pools[0].backends[1].check_port = 81;
    EXPECT_EQ(describe_changes(before(), after),
              Lines{"pool web: another check_address or check_port"});
    after = before();
    after.pools[0].backends[1].check_address = ip("10.9.0.1");
    EXPECT_EQ(describe_changes(before(), after),
              Lines{"pool web: another check_address or check_port"});
}

TEST(DescribeChanges, SaysThatAPoolKeepsTheSizeOfItsRing) {
    Config after = before();
    after.pools[0].ring_slots = 251;
    EXPECT_EQ(describe_changes(before(), after),
              Lines{"pool web: ring_slots 65537 -> 251 (counts when the pool is removed and added "
                    "again: until then it keeps the size of its ring, because another size moves "
                    "nearly all flows)"});
    after.pools[0].backends = {backend("web4", "10.0.0.14")};
    EXPECT_EQ(describe_changes(before(), after),
              Lines{"pool web: ring_slots 65537 -> 251; adds backend web4; removes backends web1, "
                    "web2, web3 (their connections break)"})
        << "all backends are replaced";
}

TEST(DescribeChanges, NamesTheFirstOfManyAndCountsTheRest) {
    Config after = before();
    for (int i = 0; i < 20; ++i)
        after.pools[1].backends.push_back(
            backend("new" + std::to_string(i), "10.0.1." + std::to_string(i)));
    EXPECT_EQ(describe_changes(before(), after),
              Lines{"pool db: adds backends new0, new1, new2, new3, new4 and 15 more"});
    after = before();
    for (int i = 0; i < 300; ++i)
        after.pools.push_back({"pool" + std::to_string(i), {}, {backend("b", "10.0.2.1")}, {}});
    const Lines lines = describe_changes(before(), after);
    ASSERT_EQ(lines.size(), kMaxLines);
    EXPECT_EQ(lines.front(), "adds pool pool0");
    EXPECT_EQ(lines.back(), "and 201 more");
}

TEST(DescribeChanges, NamesServicesByWhatTheyTake) {
    Config after = before();
    after.services[0].pool = 1;
    after.services[0].pin_flows = false;
    after.services[1] = service("db", "10.0.0.101", 3307, 1);
    EXPECT_EQ(describe_changes(before(), after),
              (Lines{"service web: pool web -> db; pin_flows true -> false",
                     "adds service db (10.0.0.101 tcp port 3307)",
                     "removes service db (10.0.0.101 tcp port 3306), and its connections end"}));
}

TEST(DescribeChanges, NamesTheVipsThatJoinAndLeaveAGroup) {
    Config after = before();
    after.groups[0].vips = {ip("10.0.0.101"), ip("10.0.0.102")};
    after.groups[0].priority = 150;
    after.groups[0].auth_key = abi::HmacKey{{1}};
    EXPECT_EQ(describe_changes(before(), after),
              Lines{"group edge: gives up VIP 10.0.0.100; takes in VIP 10.0.0.102; priority 100 -> "
                    "150; keys change"});
}

TEST(DescribeChanges, NamesSettingsOfTheGatewayButNoSecret) {
    Config after = before();
    after.gateway.key = abi::HashKey{{33, 44}};
    after.dataplane.flow_timeouts.udp_s = 1;
    after.neighbors = {{ip("10.0.0.11"), MacAddress{}, "", {}}};
    after.ports[0].addresses = {{ip("10.0.0.1"), 24}};
    EXPECT_EQ(describe_changes(before(), after),
              (Lines{"gateway: another seed selects other backends; connections that are not "
                     "remembered move; flow timeouts change",
                     "static neighbors change", "port uplink: addresses change"}));
}

TEST(DescribeChanges, NamesTheNumberOfThreads) {
    Config after = before();
    after.control.threads = 2;
    EXPECT_EQ(describe_changes(before(), after), Lines{"gateway: threads 0 -> 2"});
}

TEST(DescribeChanges, NamesThePortBetweenGateways) {
    Config after = before();
    after.gateway.peer_port = 0;
    EXPECT_EQ(describe_changes(before(), after), Lines{"gateway: peer_port 9871 -> 0"});
}

TEST(DescribeChanges, WithoutASeedTheKeyInForceStays) {
    Config without = before();
    without.gateway.key.reset();
    EXPECT_EQ(describe_changes(before(), without), Lines{});
    Config random = before();
    random.gateway.random_seed = true;
    EXPECT_EQ(describe_changes(before(), random), Lines{"gateway: random_seed false -> true"});
}

TEST(DescribeWaiting, NamesWhatIsNotInForce) {
    Config wanted = before();
    wanted.dataplane.workers = 2;
    wanted.ports[0].device = "eth9";
    wanted.groups[0].priority = 150;
    EXPECT_EQ(describe_waiting(wanted, before()),
              (Lines{"gateway: workers 1 -> 2", "port uplink: device eth1 -> eth9",
                     "group edge: priority 100 -> 150"}));
    Config in_force = before();
    in_force.unowned_vips = {ip("10.0.0.103")};
    EXPECT_EQ(describe_waiting(before(), in_force),
              Lines{"VIP 10.0.0.103: its group does not run, so this gateway does not answer for "
                    "it"});
    EXPECT_EQ(describe_waiting(before(), before()), Lines{});
}

TEST(DescribeChanges, ThePolicyOfAPool) {
    Config after = before();
    config::Pool& pool = after.pools[0];
    pool.min_up.percent = 50;
    pool.mode = config::PoolMode::kFirst;
    pool.failback = true;
    pool.slow_start_ms = 5000;
    pool.backends[0].tier = 2;
    EXPECT_EQ(describe_changes(before(), after),
              Lines{"pool web: min_up none -> 50%; mode spread -> first; failback false -> true; "
                    "slow_start_ms 0 -> 5000; tier web1 1 -> 2"});
}

}  // namespace
}  // namespace vipfwd::plan
