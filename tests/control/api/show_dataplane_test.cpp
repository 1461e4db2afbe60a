// SPDX-License-Identifier: Apache-2.0
// The views of what the dataplane reports: ports, workers, drops.
#include <gtest/gtest.h>

#include <cstring>

#include "control/api/show.h"
#include "dataplane/abi/drop_reason.h"
#include "dataplane/abi/validate.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

using table::sample::ip;
using view::Scene;

TEST(ShowPorts, APortThatRunsShowsWhatItsDriverCounts) {
    Scene scene;
    scene.config.ports[0].addresses = {{ip("10.0.0.1"), 24}};
    scene.start_dataplane();
    abi::PortStatus& port = scene.status().ports[0];
    port.state.store(static_cast<std::uint64_t>(abi::PortState::kUp));
    port.mac.store(0x060504030201);
    port.mtu.store(1500);
    port.received_packets.set(11);
    port.transmitted_bytes.set(22);
    port.missed_packets.set(33);
    EXPECT_EQ(
        show_ports(scene.source()).dump(),
        R"([{"name":"uplink","device":"eth1","driver":"af_xdp","queues":1,"unopened_queues":0,)"
        R"("addresses":["10.0.0.1/24"],"vlan":null,"outer_vlan":null,)"
        R"("kernel_interface":null,"state":"up","mac":"01:02:03:04:05:06","mtu":1500,)"
        R"("received":{"packets":11,"bytes":0},"transmitted":{"packets":0,"bytes":22},)"
        R"("missed":33,"receive_errors":0,"transmit_errors":0,"configured":true}])");
}

TEST(ShowPorts, VlansAndTheTapAreShown) {
    Scene scene;
    scene.config.ports[0].driver = abi::Driver::kPci;
    scene.config.ports[0].vlan = 100;
    scene.config.ports[0].outer_vlan = 200;
    scene.config.ports[0].kernel_interface = "tap0";
    scene.start_dataplane();
    scene.config.ports[0].name = "new";
    const Json shown = show_ports(scene.source());
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(shown[0]["vlan"], 100);
    EXPECT_EQ(shown[0]["outer_vlan"], 200);
    EXPECT_EQ(shown[0]["kernel_interface"], "tap0");
    EXPECT_TRUE(shown[1]["vlan"].is_null()) << "not configured any more";
    EXPECT_EQ(shown[1]["kernel_interface"], "tap0") << "as it was started";
}

TEST(ShowPorts, WithoutADataplaneNothingRuns) {
    Scene scene;
    EXPECT_EQ(show_ports(scene.source())[0]["state"], "not running");
    scene.start_dataplane();
    scene.status().ports[0].state.store(static_cast<std::uint64_t>(abi::PortState::kUp));
    scene.link = {};
    const Json gone = show_ports(scene.source())[0];
    EXPECT_EQ(gone["state"], "not running");
    EXPECT_TRUE(gone["mac"].is_null());
}

TEST(ShowPorts, PortsThatCameOrWentSinceTheDataplaneStartedAreToldApart) {
    Scene scene;
    scene.start_dataplane();
    scene.status().ports[0].state.store(static_cast<std::uint64_t>(abi::PortState::kDown));
    scene.config.ports[0].name = "new";
    const Json shown = show_ports(scene.source());
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(shown[0]["name"], "new");
    EXPECT_EQ(shown[0]["state"], "not running");
    EXPECT_EQ(shown[0]["configured"], true);
    EXPECT_EQ(shown[1]["name"], "uplink");
    EXPECT_EQ(shown[1]["state"], "down");
    EXPECT_EQ(shown[1]["configured"], false);
}

TEST(ShowPorts, WhatTheDataplaneWasStartedWithIsNotBelievedUnchecked) {
    Scene scene;
    scene.start_dataplane();
    std::memset(static_cast<void*>(&scene.status().booted), 0xff, sizeof(abi::BootParameters));
    EXPECT_EQ(show_ports(scene.source())[0]["state"], "not running");
    EXPECT_TRUE(show_workers(scene.source()).empty());
}

TEST(ShowWorkers, AWorkerIsAliveIfItsHeartHasBeatenWithinASecond) {
    Scene scene;
    scene.config.dataplane.workers = 4;
    scene.start_dataplane();
    auto& workers = scene.status().workers;
    workers[0].heartbeat_ns.store(4'500'000'000);
    workers[1].heartbeat_ns.store(3'900'000'000);
    workers[2].heartbeat_ns.store(5'000'000'001);
    const Json shown = show_workers(scene.source());
    ASSERT_EQ(shown.size(), 4u);
    EXPECT_EQ(shown[0]["alive"], true);
    EXPECT_EQ(shown[0]["heartbeat_age_ms"], 500);
    EXPECT_EQ(shown[1]["alive"], false);
    EXPECT_EQ(shown[2]["alive"], true) << "a heartbeat after the question";
    EXPECT_EQ(shown[2]["heartbeat_age_ms"], 0);
    EXPECT_EQ(shown[3]["alive"], false) << "not running";
    EXPECT_TRUE(shown[3]["heartbeat_age_ms"].is_null());
    EXPECT_TRUE(shown[3]["lcore"].is_null());
}

TEST(ShowWorkers, EveryCounterOfAWorkerIsShown) {
    Scene scene;
    scene.start_dataplane();
    abi::WorkerCounters& counters = scene.status().workers[0].counters;
    counters.received_packets.set(1);
    counters.forwarded_packets.set(2);
    counters.to_kernel_packets.set(3);
    counters.answered_packets.set(4);
    counters.dropped[5].set(5);
    counters.handed_in.set(6);
    counters.handed_out.set(7);
    counters.held.set(8);
    counters.split_frames.set(9);
    counters.transmitted_packets.set(10);
    counters.too_big_answers.set(11);
    counters.icmp_small_mtu.set(12);
    counters.flow_hits.set(13);
    counters.flow_inserts.set(14);
    counters.flow_evictions.set(15);
    counters.flow_table_full.set(16);
    counters.flow_over_budget.set(17);
    counters.flow_missed.set(18);
    Json shown = show_workers(scene.source())[0];
    for (const char* beside : {"worker", "lcore", "alive", "heartbeat_age_ms", "generation"})
        shown.erase(beside);
    EXPECT_EQ(
        shown.dump(),
        R"({"received":1,"forwarded":2,"to_kernel":3,"answered":4,"dropped":5,)"
        R"("handed_in":6,"handed_out":7,"held":8,"split_frames":9,"own_frames":0,"transmitted":10,)"
        R"("too_big_answers":11,"icmp_small_mtu":12,"address_conflicts":0,)"
        R"("bytes":{"received":0,"forwarded":0,"transmitted":0},)"
        R"("flows":{"hits":13,"inserts":14,"evictions":15,"table_full":16,)"
        R"("over_budget":17,"missed":18},"polls":0,"busy":null,"busy_mean":null})");
}

TEST(ShowWorkers, BusyIsThePartOfPollsThatFoundPackets) {
    Scene scene;
    scene.start_dataplane();
    abi::WorkerCounters& counters = scene.status().workers[0].counters;
    counters.polls.set(1000);
    counters.polls_empty.set(750);
    const view::PollCounts before[] = {{.all = 800, .empty = 650}};
    view::Source source = scene.source();
    EXPECT_TRUE(show_workers(source)[0]["busy"].is_null());
    source.polls_before = before;
    EXPECT_EQ(show_workers(source)[0]["busy"], 0.5);
    EXPECT_EQ(show_workers(source)[0]["busy_mean"], 0.25);
}

TEST(ShowDrops, OnlyReasonsThatOccurredAreShownTheMostFrequentFirst) {
    Scene scene;
    EXPECT_TRUE(show_drops(scene.source(), false).empty());
    scene.start_dataplane();
    const auto count = [&](int worker, abi::DropReason reason, std::uint64_t packets) {
        scene.status().workers[worker].counters.dropped[static_cast<std::size_t>(reason)].set(
            packets);
    };
    count(0, abi::DropReason::kTooBig, 2);
    count(0, abi::DropReason::kPoolEmpty, 1);
    count(3, abi::DropReason::kPoolEmpty, 4);
    EXPECT_EQ(
        show_drops(scene.source(), false).dump(),
        R"([{"reason":"pool_empty","description":"the service's pool has no backend to take the)"
        R"( flow","packets":5},{"reason":"too_big","description":)"
        R"("exceeds the port's MTU once encapsulated; its sender is not told (rate limit, later)"
        R"x( fragment, ICMP error)","packets":2}])x");
}

TEST(ShowDrops, AllAreShownOnRequest) {
    const Scene scene;
    EXPECT_EQ(show_drops(scene.source(), true).size(), abi::kDropReasonCount);
}

}  // namespace
}  // namespace vipfwd::api
