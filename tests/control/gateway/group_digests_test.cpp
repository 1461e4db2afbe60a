// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/group_digests.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::gateway {
namespace {

using table::sample::ip;

TEST(GroupDigests, AreOfTheTablesInForce) {
    view::Scene scene;
    const config::Group group = table::sample::group("edge", {ip("10.0.0.100")});
    GroupDigests digests;
    EXPECT_FALSE(digests.of(group, nullptr)) << "there is no region";
    scene.start_dataplane();
    const auto before = digests.of(group, &*scene.publisher);
    EXPECT_EQ(before, table::group_digest(scene.publisher->in_force(), group.vips));
    EXPECT_EQ(digests.of(group, &*scene.publisher), before);
    EXPECT_NE(digests.of(table::sample::group("core", {ip("10.0.0.101")}), &*scene.publisher),
              before);

    scene.config.pools[0].backends[0].weight = 7;
    scene.publish();
    EXPECT_NE(digests.of(group, &*scene.publisher), before);
    EXPECT_EQ(digests.of(group, &*scene.publisher),
              table::group_digest(scene.publisher->in_force(), group.vips));
}

TEST(GroupDigests, AreNotKnownBeforeTheFirstGeneration) {
    config::Config config = table::sample::config();
    config.dataplane.memory = abi::Memory::kNormal;
    const auto publisher = table::Publisher::create(table::boot_parameters(config)).value();
    EXPECT_FALSE(GroupDigests().of(table::sample::group("edge", {ip("10.0.0.100")}), &publisher));
}

}  // namespace
}  // namespace vipfwd::gateway
