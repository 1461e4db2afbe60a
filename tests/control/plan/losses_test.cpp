// SPDX-License-Identifier: Apache-2.0
#include "control/plan/losses.h"

#include <gtest/gtest.h>

#include "tests/control/table/sample.h"

namespace vipfwd::plan {
namespace {

using config::Config;
using table::sample::group;
using table::sample::ip;
using table::sample::service;

// The sample, with a group that elects the owner of both VIPs.
Config grouped() {
    Config config = table::sample::config();
    config.groups = {group("edge", {ip("10.0.0.100"), ip("10.0.0.101")})};
    return config;
}

TEST(DescribeLosses, AVipWithoutAService) {
    Config after = grouped();
    after.services.pop_back();
    EXPECT_EQ(describe_losses(grouped(), after),
              Lines{"VIP 10.0.0.101 loses its last service, 'db'"});
    Config several = grouped();
    several.services.push_back(service("alternate", "10.0.0.101", 3307, 1));
    EXPECT_EQ(describe_losses(several, grouped()), Lines{}) << "another service is left";
}

TEST(DescribeLosses, AVipThatLeavesItsGroup) {
    Config after = grouped();
    after.groups[0].vips.pop_back();
    after.services[1].always_owned = true;
    EXPECT_EQ(describe_losses(grouped(), after),
              Lines{"VIP 10.0.0.101 leaves group 'edge', and this gateway would answer for it "
                    "whatever other gateways do"});
    after = grouped();
    after.groups.push_back(group("other", {ip("10.0.0.101")}));
    after.groups[0].vips.pop_back();
    EXPECT_EQ(describe_losses(grouped(), after), Lines{}) << "another group elects its owner";
}

TEST(DescribeLosses, AVipThatNobodyHereCanOwn) {
    Config after = grouped();
    after.groups[0].vips.pop_back();
    after.unowned_vips = {ip("10.0.0.101")};
    const Lines lost = describe_losses(grouped(), after);
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_TRUE(lost[0].starts_with("VIP 10.0.0.101 would belong to a group that cannot run"));
    EXPECT_EQ(describe_losses(after, after), Lines{}) << "it is lost already";
}

TEST(DescribeLosses, AServiceWithoutABackendThatServes) {
    Config after = grouped();
    after.pools[1].backends[0].weight = 0;
    EXPECT_EQ(describe_losses(grouped(), after),
              Lines{"service 'db' has no backend left that takes new connections"});
    EXPECT_EQ(describe_losses(after, after), Lines{});
}

}  // namespace
}  // namespace vipfwd::plan
