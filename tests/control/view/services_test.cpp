// SPDX-License-Identifier: Apache-2.0
#include "control/view/services.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

TEST(Services, BackendsInForceAreCountedByTheirState) {
    Scene scene;
    const Snapshot before = scene.snapshot();
    EXPECT_EQ(services(before)[0].serving, 0u) << "nothing is in force";
    scene.config.pools[0].backends[1].weight = 0;
    scene.start_dataplane();
    const Snapshot snapshot = scene.snapshot();
    const std::vector<ServiceRow> rows = services(snapshot);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].service.name, "web");
    EXPECT_EQ(rows[0].pool.name, "web");
    EXPECT_EQ(rows[0].serving, 2u);
    EXPECT_EQ(rows[0].draining, 1u);
}

TEST(Services, ThatThePoolFailsOpenIsShown) {
    Scene scene;
    scene.config.pools[0].min_up.count = 3;
    scene.config.pools[1].backends[0].tier = 2;
    scene.start_dataplane();
    scene.check_pool(0);
    scene.give(0, 0, {health::ProbeResult::Kind::kFailed, "connection refused"});
    scene.publish();
    const Snapshot snapshot = scene.snapshot();
    EXPECT_TRUE(services(snapshot)[0].fails_open);
    EXPECT_EQ(services(snapshot)[0].serving, 3u);
    EXPECT_FALSE(services(snapshot)[1].fails_open);
}

TEST(Services, TrafficIsThatOfAllWorkersSinceTheServiceTookOverItsCounter) {
    Scene scene;
    scene.start_dataplane();
    const std::uint32_t counter = scene.publisher->in_force().services[1].counter;
    scene.status().services[0][counter].packets.set(1);
    scene.status().services[31][counter].packets.set(2);
    scene.status().services[31][counter].bytes.set(200);
    const Snapshot snapshot = scene.snapshot();
    EXPECT_EQ(services(snapshot)[1].traffic.packets, 3u);
    EXPECT_EQ(services(snapshot)[1].traffic.bytes, 200u);
    EXPECT_EQ(services(snapshot)[0].traffic.packets, 0u);
}

}  // namespace
}  // namespace vipfwd::view
