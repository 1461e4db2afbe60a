// SPDX-License-Identifier: Apache-2.0
#include "control/view/warnings.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

using Texts = std::vector<std::string>;

TEST(Warnings, AreThoseOfAllGroups) {
    const Scene scene;
    Source source = scene.source();
    EXPECT_TRUE(warnings(source).empty());
    source.groups = {{.name = "edge", .warnings = {{.text = "one"}, {.text = "two"}}},
                     {.name = "core", .warnings = {{.text = "three"}}}};
    EXPECT_EQ(warnings(source),
              (Texts{"group 'edge': one", "group 'edge': two", "group 'core': three"}));
}

TEST(Warnings, AConflictIsOfTheGroupThatHasTheVip) {
    Scene scene;
    scene.config.groups = {table::sample::group("edge", {ip("10.0.0.100")}),
                           table::sample::group("core", {ip("10.0.0.101")})};
    Source source = scene.source();
    source.groups = {{.name = "edge", .warnings = {{.text = "adverts"}}}, {.name = "core"}};
    source.conflicts = {{.vip = ip("10.0.0.101"), .text = "of core"},
                        {.vip = ip("10.0.0.102"), .text = "of none"},
                        {.vip = ip("10.0.0.100"), .text = "of edge"}};
    EXPECT_EQ(warnings(source), (Texts{"group 'edge': adverts", "group 'edge': of edge",
                                       "group 'core': of core", "of none"}));
    const auto of_core = warnings_of(source, source.groups[1]);
    ASSERT_EQ(of_core.size(), 1u);
    EXPECT_EQ(of_core[0].text, "of core");
}

TEST(Warnings, ABackendMayBeTheGatewayItself) {
    Scene scene;
    scene.facts.next_hop = [](const IpAddress&) { return std::nullopt; };
    scene.start_dataplane();
    Source source = scene.source();
    source.find_hop = [](const IpAddress& address) {
        return net::Hop{.hop = {},
                        .state = address == ip("10.0.0.12") ? net::HopState::kOwnAddress
                                                            : net::HopState::kReachable};
    };
    EXPECT_EQ(warnings(source),
              Texts{"backend 'web2' of pool 'web': 10.0.0.12 is this gateway's own address, so "
                    "that its packets are dropped; use the server's own address"});
}

}  // namespace
}  // namespace vipfwd::view
