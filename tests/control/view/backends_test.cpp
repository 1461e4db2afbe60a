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
    const Source source = scene.source();
    for (const BackendRow& row : backends(source, "web")) {
        EXPECT_EQ(row.state, BackendDisplayState::kServing);
        slots += row.slots;
        share += row.share;
    }
    EXPECT_EQ(slots, abi::kRingSlots);
    EXPECT_NEAR(share, 1, 1e-9);
    EXPECT_NEAR(backends(source)[0].share, 0.5, 1e-4) << "twice the weight of the other two";
}

TEST(Backends, TheEmptyNameStandsForAllPools) {
    Scene scene;
    const Source source = scene.source();
    EXPECT_EQ(backends(source).size(), 4u);
    EXPECT_EQ(backends(source, "db").size(), 1u);
    EXPECT_TRUE(backends(source, "none").empty());
}

TEST(Backends, OneThatIsNotInForceYetIsPendingWithTheNextHopOfTheNetwork) {
    Scene scene;
    scene.start_dataplane();
    scene.config.pools[1].backends.push_back(table::sample::backend("db2", "10.0.0.22"));
    const Source source = scene.source();
    const BackendRow row = backends(source, "db")[1];
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
    const Source source = scene.source();
    EXPECT_EQ(backends(source, "db")[0].traffic.packets, 9u);
    EXPECT_EQ(backends(source, "db")[0].traffic.bytes, 900u);
    EXPECT_EQ(backends(source, "web")[0].traffic.packets, 0u);
}

TEST(Backends, OneOfWeightZeroDrains) {
    Scene scene;
    scene.config.pools[1].backends[0].weight = 0;
    scene.start_dataplane();
    const Source source = scene.source();
    EXPECT_EQ(backends(source, "db")[0].state, BackendDisplayState::kDraining);
    EXPECT_EQ(backends(source, "db")[0].share, 0);
}

}  // namespace
}  // namespace vipfwd::view
