// SPDX-License-Identifier: Apache-2.0
#include "control/view/checks.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

TEST(Checks, WithoutChecksThereAreNone) {
    const Scene scene;
    EXPECT_TRUE(checks(scene.snapshot()).empty());
}

TEST(Checks, AreListedByNameWithTheNumberOfTheirBackends) {
    Scene scene;
    scene.config.pools[0].backends[0].address = table::sample::ip("10.0.0.19");
    scene.check_pool(0);
    scene.checks->of_backends[3] = 1;  // the other pool's backend is checked alike
    const std::vector<CheckRow> rows = checks(scene.snapshot());
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].name, "tcp 10.0.0.12:80");
    EXPECT_EQ(rows[0].backends, 2u);
    EXPECT_EQ(rows[2].name, "tcp 10.0.0.19:80");
    EXPECT_EQ(rows[2].backends, 1u);
}

}  // namespace
}  // namespace vipfwd::view
