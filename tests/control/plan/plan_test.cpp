// SPDX-License-Identifier: Apache-2.0
#include "control/plan/plan.h"

#include <gtest/gtest.h>

#include "tests/control/table/sample.h"

namespace vipfwd::plan {
namespace {

using config::Config;

TEST(MakePlan, OnlyARunningDataplaneDefers) {
    const Config before = table::sample::config();
    Config wanted = before;
    wanted.ports[0].name = "wan";
    const Plan running = make_plan({before, before, true}, wanted);
    EXPECT_EQ(running.config.ports[0].name, "uplink");
    EXPECT_TRUE(running.changes.empty());
    EXPECT_EQ(running.waiting, (std::vector<std::string>{"adds port wan", "removes port uplink"}));
    const Plan stopped = make_plan({before, before, false}, wanted);
    EXPECT_EQ(stopped.config.ports[0].name, "wan");
    EXPECT_EQ(stopped.changes, running.waiting);
    EXPECT_TRUE(stopped.waiting.empty());
}

// A group that keeps its port until the next start loses nothing.
TEST(MakePlan, WhatWaitsTakesNoServiceAway) {
    Config before = table::sample::config();
    before.groups = {table::sample::group("edge", {before.services[0].vip}),
                     table::sample::group("inner", {before.services[1].vip})};
    Config wanted = before;
    wanted.ports[0].name = wanted.groups[0].port = wanted.groups[1].port = "wan";
    EXPECT_TRUE(make_plan({before, before, true}, wanted).losses.empty());
    wanted.services.pop_back();
    EXPECT_EQ(make_plan({before, before, true}, wanted).losses.size(), 1u);
}

TEST(MakePlan, WhatIsLostWithTheNextStartNeedsForceWhenItIsApplied) {
    Config before = table::sample::config();
    before.groups = {table::sample::group("edge", {before.services[0].vip}),
                     table::sample::group("inner", {before.services[1].vip})};
    Config wanted = before;
    wanted.ports[0].name = wanted.groups[0].port = "wan";
    wanted.groups.pop_back();
    wanted.services[1].always_owned = true;
    const Plan plan = make_plan({before, before, true}, wanted);
    EXPECT_EQ(plan.config.groups.size(), 2u) << "both wait";
    EXPECT_EQ(plan.losses.size(), 1u);
    EXPECT_TRUE(make_plan({wanted, plan.config, true}, wanted).losses.empty())
        << "it was applied already";
}

TEST(MakePlan, WhatResetsConnectionsNeedsForceOnceTheyAreCounted) {
    const Config before = table::sample::config();
    Config wanted = before;
    wanted.services[0].pool = 1;
    const table::Tables tables = table::sample::must_build(before).tables;
    Current current{before, before, true, &tables};
    const Plan uncounted = make_plan(current, wanted);
    EXPECT_TRUE(uncounted.losses.empty());
    EXPECT_EQ(uncounted.changes,
              (std::vector<std::string>{"service web: pool web -> db (how many connections that "
                                        "resets is not known)"}));
    ASSERT_EQ(uncounted.flow_keys.size(), 3u);
    table::FlowCounts counts;
    for (const std::uint32_t key : uncounted.flow_keys)
        counts.counted[key] = 4;
    current.flow_counts = &counts;
    const Plan counted = make_plan(current, wanted);
    EXPECT_EQ(counted.losses,
              (std::vector<std::string>{"service 'web' goes to pool 'db': up to 12 connections "
                                        "would be reset"}));
    EXPECT_EQ(counted.changes, (std::vector<std::string>{"service web: pool web -> db"}));
}

}  // namespace
}  // namespace vipfwd::plan
