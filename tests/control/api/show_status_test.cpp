// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "control/api/show.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

using table::sample::ip;
using view::Scene;

TEST(ShowStatus, BeforeADataplaneCameEverythingIsThereAndZero) {
    const Scene scene;
    const Json shown = show_status(scene.source());
    EXPECT_EQ(shown["gateway"], "gateway");
    EXPECT_EQ(shown["uptime_s"], 60);
    EXPECT_EQ(shown["config"]["path"], scene.path);
    EXPECT_EQ(shown["generation"], 0);
    EXPECT_TRUE(shown["region"].is_null());
    EXPECT_EQ(shown["dataplane"]["connected"], false);
    EXPECT_TRUE(shown["dataplane"]["pid"].is_null());
    EXPECT_TRUE(shown["dataplane"]["uptime_s"].is_null());
    EXPECT_EQ(shown["totals"].dump(), R"({"received":0,"forwarded":0,"to_kernel":0,"answered":0,)"
                                      R"("dropped":0,"held":0,"split":0,"own":0,"transmitted":0})");
    EXPECT_EQ(shown["bytes"]["transmitted"], 0);
    EXPECT_TRUE(shown["vips"].is_array() && shown["vips"].empty());
}

TEST(ShowStatus, TellsOfTheDataplane) {
    Scene scene;
    scene.start_dataplane();
    scene.status().started_at_s.store(1500);
    EXPECT_EQ(show_status(scene.source())["dataplane"]["last_change"], nullptr);
    scene.link.last_change = {.generation = 1, .published_us = 900};
    scene.link.publish_pending = true;
    scene.link.rejected = {.generation = 3, .reason = "checksum"};
    scene.link.boot_differs = true;
    const Json shown = show_status(scene.source());
    EXPECT_EQ(shown["generation"], 1);
    EXPECT_EQ(shown["region"]["id"].get<std::string>().size(), 16u);
    const Json& dataplane = shown["dataplane"];
    EXPECT_EQ(dataplane["ready"], true);
    EXPECT_EQ(dataplane["pid"], 4711);
    EXPECT_EQ(dataplane["acknowledged_generation"], 1);
    EXPECT_EQ(dataplane["last_change"],
              Json({{"generation", 1}, {"published_us", 900}, {"acknowledged_us", nullptr}}));
    EXPECT_EQ(dataplane["publish_pending"], true);
    EXPECT_EQ(dataplane["rejected"], Json({{"generation", 3}, {"reason", "checksum"}}));
    EXPECT_EQ(dataplane["restart_needed"], true);
    EXPECT_EQ(dataplane["uptime_s"], 500);
}

TEST(ShowStatus, ListsWhatWaitsForTheDataplanesNextStart) {
    Scene scene;
    EXPECT_EQ(show_status(scene.source())["config"]["waiting"], Json::array());
    scene.waiting = {"port uplink: device eth1 -> eth9"};
    EXPECT_EQ(show_status(scene.source())["config"]["waiting"], Json(scene.waiting));
}

TEST(ShowStatus, ADataplaneThatIsGoneNeedsNoRestart) {
    Scene scene;
    scene.start_dataplane();
    scene.link = {.boot_differs = true};
    EXPECT_EQ(show_status(scene.source())["dataplane"]["restart_needed"], false);
}

TEST(ShowStatus, TotalsAreOfAllWorkers) {
    Scene scene;
    scene.start_dataplane();
    for (const int worker : {0, 31}) {
        abi::WorkerCounters& counters = scene.status().workers[worker].counters;
        counters.received_packets.set(100);
        counters.received_bytes.set(6400);
        counters.forwarded_packets.set(50);
        counters.to_kernel_packets.set(30);
        counters.answered_packets.set(5);
        counters.dropped[0].set(10);
        counters.dropped[7].set(5);
        counters.held.set(3);
        counters.split_frames.set(2);
        counters.transmitted_packets.set(57);
    }
    const Json shown = show_status(scene.source());
    EXPECT_EQ(shown["totals"].dump(),
              R"({"received":200,"forwarded":100,"to_kernel":60,"answered":10,)"
              R"("dropped":30,"held":6,"split":4,"own":0,"transmitted":114})");
    EXPECT_EQ(shown["bytes"]["received"], 12800);
}

TEST(ShowStatus, AVipHasItsGroupsName) {
    Scene scene;
    scene.config.groups = {table::sample::group("edge", {ip("10.0.0.100")})};
    scene.config.services[1].always_owned = true;
    scene.start_dataplane();
    EXPECT_EQ(show_status(scene.source())["vips"][0]["owned"], false);
    abi::GroupLease& lease =
        scene.publisher->leases().groups[table::find_lease(scene.publisher->in_force(), "edge")];
    lease.expires_ns.store(scene.source().now_ns + 1);
    lease.claim.store(abi::Claim{.epoch = 1, .state = abi::LeaseState::kOwner}.pack());
    EXPECT_EQ(show_status(scene.source())["vips"].dump(),
              R"([{"address":"10.0.0.100","owned":true,"group":"edge"},)"
              R"({"address":"10.0.0.101","owned":true,"group":null}])");
}

TEST(ShowStatus, WarningsArePassedOn) {
    Scene scene;
    scene.warnings = {"a.toml:3:1: warning: checks are not run yet"};
    EXPECT_EQ(show_status(scene.source())["config"]["warnings"], Json(scene.warnings));
    view::Source source = scene.source();
    source.groups = {{.name = "edge", .warnings = {{.text = "10.0.0.2 advertises other VIPs"}}}};
    EXPECT_EQ(show_status(source)["warnings"],
              Json::array({"group 'edge': 10.0.0.2 advertises other VIPs"}));
    EXPECT_TRUE(show_status(scene.source())["warnings"].empty());
}

}  // namespace
}  // namespace vipfwd::api
