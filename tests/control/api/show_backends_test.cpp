// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "control/api/show.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

using table::sample::ip;
using view::Scene;

Json must_show(const Scene& scene, const std::string& pool = "") {
    const Result<std::string> shown = show_backends(scene.snapshot(), pool);
    EXPECT_TRUE(shown) << shown.error().message;
    return Json::parse(*shown);
}

TEST(ShowBackends, AllOfARowIsInForce) {
    Scene scene;
    scene.start_dataplane();
    const std::uint32_t counter = scene.publisher->in_force().backends[3].counter;
    scene.status().backends[2][counter].packets.set(9);
    scene.status().backends[2][counter].bytes.set(900);
    EXPECT_EQ(show_backends(scene.snapshot(), "db").value(),
              R"([{"pool":"db","name":"db1","address":"10.0.0.21","weight":100,)"
              R"("weight_configured":100,"starts_slowly":false,"tier":1,"admin":"ready",)"
              R"("state":"serving",)"
              R"("slots":65537,"share":1.0,"next_hop":{"resolved":true,)"
              R"("mac":"02:00:00:00:00:15","port":"uplink","state":"reachable"},)"
              R"("packets":9,"bytes":900}])");
}

TEST(ShowBackends, SlotsAddUpToTheRingAndSharesToOne) {
    Scene scene;
    scene.config.pools[0].backends[0].weight = 200;
    scene.start_dataplane();
    std::uint64_t slots = 0;
    double share = 0;
    for (const Json& row : must_show(scene, "web")) {
        slots += row["slots"].get<std::uint64_t>();
        share += row["share"].get<double>();
    }
    EXPECT_EQ(slots, abi::kDefaultRingSlots);
    EXPECT_NEAR(share, 1, 1e-9);
    EXPECT_NEAR(must_show(scene)[0]["share"].get<double>(), 0.5, 1e-4);
}

TEST(ShowBackends, APoolsNameLimitsTheList) {
    Scene scene;
    scene.start_dataplane();
    EXPECT_EQ(must_show(scene).size(), 4u);
    EXPECT_EQ(must_show(scene, "db").size(), 1u);
}

TEST(ShowBackends, AnUnknownPoolIsRejectedWithASuggestion) {
    const Scene scene;
    const Result<std::string> shown = show_backends(scene.snapshot(), "wbe");
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().message, "there is no pool 'wbe'; did you mean 'web'?");
}

TEST(ShowBackends, OneThatIsNotInForceYetIsPendingAndShowsWhatTheNetworkSays) {
    Scene scene;
    scene.start_dataplane();
    scene.config.pools[1].backends.push_back(table::sample::backend("db2", "10.0.0.22"));
    const Json row = must_show(scene, "db")[1];
    EXPECT_EQ(row["state"], "pending");
    EXPECT_EQ(row["slots"], 0);
    EXPECT_EQ(row["next_hop"]["resolved"], true);
    EXPECT_EQ(row["next_hop"]["mac"], "02:00:00:00:00:16");
}

TEST(ShowBackends, AnUnresolvedNextHopHasNeitherMacNorPort) {
    Scene scene;
    scene.facts.next_hop = [](const IpAddress&) { return std::nullopt; };
    scene.start_dataplane();
    EXPECT_EQ(must_show(scene)[0]["next_hop"].dump(),
              R"({"resolved":false,"mac":null,"port":null,"state":"reachable"})");
}

TEST(ShowBackends, APoolWithoutServingBackendsHasNoShares) {
    Scene scene;
    scene.config.pools[1].backends[0].weight = 0;
    scene.start_dataplane();
    const Json row = must_show(scene, "db")[0];
    EXPECT_EQ(row["state"], "draining");
    EXPECT_EQ(row["slots"], 0);
    EXPECT_EQ(row["share"], 0.0);
}

}  // namespace
}  // namespace vipfwd::api
