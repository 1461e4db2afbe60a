// SPDX-License-Identifier: Apache-2.0
#include "control/view/status.h"

#include <gtest/gtest.h>

#include <map>
#include <string_view>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

using table::sample::ip;

TEST(Status, WithoutARegionEverythingIsZeroOrUnknown) {
    const Scene scene;
    const Status shown = status(scene.source());
    EXPECT_EQ(shown.generation, 0u);
    EXPECT_FALSE(shown.region_id);
    EXPECT_FALSE(shown.dataplane_uptime_s);
    EXPECT_FALSE(shown.dataplane_restart_needed);
    EXPECT_EQ(shown.totals, WorkerSums{});
    EXPECT_TRUE(shown.vips.empty());
}

TEST(Status, TotalsAreSumsOverAllWorkers) {
    Scene scene;
    scene.start_dataplane();
    for (const int worker : {0, 31}) {
        abi::WorkerCounters& counters = scene.status().workers[worker].counters;
        counters.received_packets.set(100);
        counters.received_bytes.set(6400);
        counters.dropped[0].set(10);
        counters.dropped[7].set(5);
    }
    const Status shown = status(scene.source());
    std::map<std::string_view, std::uint64_t> totals;
    for (std::size_t i = 0; i < shown.totals.size(); ++i)
        totals[abi::kWorkerCounters[i].name] = shown.totals[i];
    EXPECT_EQ(totals["received_packets"], 200u);
    EXPECT_EQ(totals["dropped_packets"], 30u);
    EXPECT_EQ(totals["received_bytes"], 12800u);
}

TEST(Status, TheUptimeOfTheDataplaneNeedsAConnectedOneThatHasStarted) {
    Scene scene;
    scene.start_dataplane();
    EXPECT_FALSE(status(scene.source()).dataplane_uptime_s);
    scene.status().started_at_s.store(1500);
    EXPECT_EQ(status(scene.source()).dataplane_uptime_s, 500u);
    scene.link.connected = false;
    EXPECT_FALSE(status(scene.source()).dataplane_uptime_s);
}

TEST(Status, ADisconnectedDataplaneNeedsNoRestart) {
    Scene scene;
    scene.start_dataplane();
    scene.link.boot_differs = true;
    EXPECT_TRUE(status(scene.source()).dataplane_restart_needed);
    scene.link.connected = false;
    EXPECT_FALSE(status(scene.source()).dataplane_restart_needed);
}

TEST(Status, AVipOfAGroupIsOwnedByItsLeaseAndAnyOtherAlwaysOrNever) {
    Scene scene;
    scene.config.groups = {table::sample::group("edge", {ip("10.0.0.100")})};
    scene.config.services[1].always_owned = true;
    scene.config.unowned_vips = {ip("10.0.0.102")};
    scene.start_dataplane();
    EXPECT_FALSE(status(scene.source()).vips[0].owned);
    abi::GroupLease& lease =
        scene.publisher->leases().groups[table::find_lease(scene.publisher->in_force(), "edge")];
    lease.expires_ns.store(scene.source().now_ns + 1);
    lease.claim.store(abi::Claim{.epoch = 1, .state = abi::LeaseState::kOwner}.pack());
    const Status shown = status(scene.source());
    ASSERT_EQ(shown.vips.size(), 3u);
    EXPECT_TRUE(shown.vips[0].owned);
    EXPECT_EQ(shown.vips[0].group, "edge");
    EXPECT_TRUE(shown.vips[1].owned);
    EXPECT_FALSE(shown.vips[1].group);
    EXPECT_FALSE(shown.vips[2].owned) << "its group cannot run here";
    scene.link = {};
    for (const VipStatus& vip : status(scene.source()).vips)
        EXPECT_FALSE(vip.owned) << "without a dataplane nobody answers";
}

}  // namespace
}  // namespace vipfwd::view
