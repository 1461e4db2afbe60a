// SPDX-License-Identifier: Apache-2.0
#include "control/view/snapshot.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

TEST(Snapshot, WithoutARegionNothingIsInForce) {
    const Scene scene;
    const Snapshot snapshot = scene.snapshot();
    EXPECT_TRUE(snapshot.tables->backends.empty());
    EXPECT_EQ(snapshot.publisher, nullptr);
    EXPECT_EQ(snapshot.ports, std::vector<std::string>{"uplink"});
    EXPECT_TRUE(has_all_rings(*snapshot.tables, scene.source()));
}

TEST(Snapshot, KeepsTheTablesThatWereInForce) {
    Scene scene;
    scene.start_dataplane();
    const Snapshot snapshot = scene.snapshot();
    scene.config.pools.pop_back();
    scene.config.services.pop_back();
    scene.publish();
    EXPECT_EQ(snapshot.tables->pools.size(), 2u);
    EXPECT_EQ(scene.publisher->in_force().pools.size(), 1u);
    EXPECT_FALSE(has_all_rings(*snapshot.tables, scene.source())) << "that of 'db' may be gone";
}

TEST(Snapshot, HasItsRingsForAsLongAsTheTablesInForceUseThem) {
    Scene scene;
    scene.start_dataplane();
    const auto tables = scene.snapshot().tables;
    scene.publish();
    EXPECT_TRUE(has_all_rings(*tables, scene.source())) << "of another generation";
    scene.config.pools[0].backends[0].weight = 7;
    scene.publish();
    EXPECT_FALSE(has_all_rings(*tables, scene.source()));
}

}  // namespace
}  // namespace vipfwd::view
