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
    const auto digest_of = [&](const config::Group& one) {
        return digests.of(one, &*scene.publisher)->digest;
    };
    const table::GroupDigest before = digest_of(group);
    EXPECT_EQ(before, table::group_digest(scene.publisher->in_force(), group.vips));
    EXPECT_EQ(digest_of(group), before);
    EXPECT_NE(digest_of(table::sample::group("core", {ip("10.0.0.101")})), before);

    scene.config.pools[0].backends[0].weight = 7;
    scene.publish();
    EXPECT_NE(digest_of(group), before);
    EXPECT_EQ(digest_of(group), table::group_digest(scene.publisher->in_force(), group.vips));
    const auto findings = digests.of(group, &*scene.publisher)->findings;
    EXPECT_EQ(findings->tables, scene.publisher->shared_tables());
    EXPECT_EQ(findings->findings.size(), scene.config.pools[0].backends.size());
}

TEST(GroupDigests, AreNotKnownBeforeTheFirstGeneration) {
    config::Config config = table::sample::config();
    config.dataplane.memory = abi::Memory::kNormal;
    const auto publisher = table::Publisher::create(table::boot_parameters(config)).value();
    EXPECT_FALSE(GroupDigests().of(table::sample::group("edge", {ip("10.0.0.100")}), &publisher));
}

}  // namespace
}  // namespace vipfwd::gateway
