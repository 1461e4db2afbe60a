// SPDX-License-Identifier: Apache-2.0
#include "control/view/backends.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

using table::sample::ip;

TEST(Backends, SlotsAddUpToTheRingAndSharesToOne) {
    Scene scene;
    scene.config.pools[0].backends[0].weight = 200;
    scene.start_dataplane();
    std::uint64_t slots = 0;
    double share = 0;
    const Snapshot snapshot = scene.snapshot();
    for (const BackendRow& row : backends(snapshot, "web")) {
        EXPECT_EQ(row.state, BackendDisplayState::kServing);
        slots += row.slots;
        share += row.share;
    }
    EXPECT_EQ(slots, abi::kDefaultRingSlots);
    EXPECT_NEAR(share, 1, 1e-9);
    EXPECT_NEAR(backends(snapshot)[0].share, 0.5, 1e-4) << "twice the weight of the other two";
}

TEST(Backends, TheEmptyNameStandsForAllPools) {
    Scene scene;
    const Snapshot snapshot = scene.snapshot();
    EXPECT_EQ(backends(snapshot).size(), 4u);
    EXPECT_EQ(backends(snapshot, "db").size(), 1u);
    EXPECT_TRUE(backends(snapshot, "none").empty());
}

TEST(Backends, OneThatIsNotInForceYetIsPendingWithTheNextHopOfTheNetwork) {
    Scene scene;
    scene.start_dataplane();
    scene.config.pools[1].backends.push_back(table::sample::backend("db2", "10.0.0.22"));
    const Snapshot snapshot = scene.snapshot();
    const BackendRow row = backends(snapshot, "db")[1];
    EXPECT_EQ(row.state, BackendDisplayState::kPending);
    EXPECT_EQ(row.slots, 0u);
    EXPECT_EQ(row.next_hop, (NextHop{.mac = MacAddress{{2, 0, 0, 0, 0, 22}},
                                     .port = "uplink",
                                     .state = net::HopState::kReachable}));
}

TEST(Backends, TrafficCountsFromWhenTheBackendTookOverItsCounter) {
    Scene scene;
    scene.start_dataplane();
    const std::uint32_t counter = scene.publisher->in_force().backends[3].counter;
    scene.status().backends[2][counter].packets.set(9);
    scene.status().backends[0][counter].bytes.set(900);
    const Snapshot snapshot = scene.snapshot();
    EXPECT_EQ(backends(snapshot, "db")[0].traffic.packets, 9u);
    EXPECT_EQ(backends(snapshot, "db")[0].traffic.bytes, 900u);
    EXPECT_EQ(backends(snapshot, "web")[0].traffic.packets, 0u);
}

TEST(Backends, OneOfWeightZeroDrains) {
    Scene scene;
    scene.config.pools[1].backends[0].weight = 0;
    scene.start_dataplane();
    const Snapshot snapshot = scene.snapshot();
    EXPECT_EQ(backends(snapshot, "db")[0].state, BackendDisplayState::kDraining);
    EXPECT_EQ(backends(snapshot, "db")[0].share, 0);
}

TEST(Backends, OneThatIsDownIsShownWithWhatItsCheckSays) {
    Scene scene;
    scene.start_dataplane();
    scene.check_pool(0);
    scene.give(0, 0, {health::ProbeResult::Kind::kFailed, "connection refused"});
    scene.give(0, 1, {health::ProbeResult::Kind::kGood});
    scene.publish();
    const Snapshot snapshot = scene.snapshot();
    const std::vector<BackendRow> rows = backends(snapshot, "web");
    EXPECT_EQ(rows[0].state, BackendDisplayState::kDown);
    EXPECT_EQ(rows[0].check->standing.failure->reason, "connection refused");
    EXPECT_EQ(rows[1].state, BackendDisplayState::kServing);
    EXPECT_EQ(rows[2].check->standing.verdict, health::Verdict::kUnknown);
    EXPECT_FALSE(backends(snapshot, "db")[0].check);
}

TEST(Backends, OneOfABackupTierStandsBy) {
    Scene scene;
    scene.config.pools[0].backends[1].tier = 2;
    scene.start_dataplane();
    const Snapshot snapshot = scene.snapshot();
    EXPECT_EQ(backends(snapshot, "web")[1].state, BackendDisplayState::kStandby);
    EXPECT_EQ(backends(snapshot, "web")[1].slots, 0u);
    EXPECT_EQ(count_backends(*snapshot.tables, "web").standby, 1u);
}

TEST(Backends, OfAPoolWithOneWriterTheOthersStandBy) {
    Scene scene;
    scene.config.pools[0].mode = config::PoolMode::kFirst;
    scene.start_dataplane();
    const Snapshot snapshot = scene.snapshot();
    EXPECT_EQ(backends(snapshot, "web")[0].state, BackendDisplayState::kServing);
    EXPECT_EQ(backends(snapshot, "web")[2].state, BackendDisplayState::kStandby);
}

TEST(Backends, OneThatServesAlthoughItIsDownIsShownSo) {
    Scene scene;
    scene.config.pools[0].min_up.count = 3;
    scene.start_dataplane();
    scene.check_pool(0);
    scene.give(0, 0, {health::ProbeResult::Kind::kFailed, "connection refused"});
    scene.publish();
    const Snapshot snapshot = scene.snapshot();
    EXPECT_EQ(backends(snapshot, "web")[0].state, BackendDisplayState::kFailOpen);
    EXPECT_EQ(count_backends(*snapshot.tables, "web").serving, 3u);
}

}  // namespace
}  // namespace vipfwd::view
