// SPDX-License-Identifier: Apache-2.0
#include "control/view/workers.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

TEST(Workers, AWorkerIsAliveIfItsLastHeartbeatIsLessThanASecondOld) {
    Scene scene;
    scene.config.dataplane.workers = 4;
    scene.start_dataplane();
    auto& status = scene.status().workers;
    status[0].heartbeat_ns.store(4'500'000'000);
    status[1].heartbeat_ns.store(3'900'000'000);
    status[2].heartbeat_ns.store(5'000'000'001);
    const Source source = scene.source();
    const std::vector<WorkerRow> rows = workers(source);
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_TRUE(rows[0].alive);
    EXPECT_EQ(rows[0].heartbeat_age_ms, 500u);
    EXPECT_FALSE(rows[1].alive);
    EXPECT_TRUE(rows[2].alive) << "the heartbeat is later than the request";
    EXPECT_EQ(rows[2].heartbeat_age_ms, 0u);
    EXPECT_FALSE(rows[3].alive) << "it does not run";
    EXPECT_FALSE(rows[3].lcore);
}

TEST(Workers, OneThatBeatsIsShownEvenIfItWasNotConfigured) {
    Scene scene;
    scene.start_dataplane();
    EXPECT_EQ(workers(scene.source()).size(), 1u);
    scene.status().workers[5].heartbeat_ns.store(1);
    const Source source = scene.source();
    ASSERT_EQ(workers(source).size(), 2u);
    EXPECT_EQ(workers(source)[1].number, 5u);
}

TEST(Workers, BusyMeanIsTheFractionOfAllPollsThatFoundPackets) {
    Scene scene;
    scene.start_dataplane();
    EXPECT_FALSE(workers(scene.source())[0].busy_mean) << "no poll yet";
    abi::WorkerCounters& counters = scene.status().workers[0].counters;
    counters.polls.set(1000);
    counters.polls_empty.set(750);
    EXPECT_EQ(workers(scene.source())[0].busy_mean, 0.25);
    counters.polls_empty.set(1001);
    EXPECT_EQ(workers(scene.source())[0].busy_mean, 0.0) << "they are read at different moments";
}

TEST(Workers, BusyIsOfTheLastSeconds) {
    Scene scene;
    scene.start_dataplane();
    abi::WorkerCounters& counters = scene.status().workers[0].counters;
    counters.polls.set(1000);
    counters.polls_empty.set(750);
    Source source = scene.source();
    EXPECT_FALSE(workers(source)[0].busy) << "nobody looked before";
    const auto busy_since = [&](PollCounts before) {
        source.polls_before = {&before, 1};
        return workers(source)[0].busy;
    };
    EXPECT_EQ(busy_since({.all = 600, .empty = 350}), 0.0);
    EXPECT_EQ(busy_since({.all = 600, .empty = 650}), 0.75);
    EXPECT_EQ(busy_since({.all = 600, .empty = 750}), 1.0);
    EXPECT_FALSE(busy_since({.all = 1000, .empty = 750})) << "it does not poll";
    EXPECT_FALSE(busy_since({.all = 2000, .empty = 1000})) << "of another region";
}

}  // namespace
}  // namespace vipfwd::view
