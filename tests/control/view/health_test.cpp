// SPDX-License-Identifier: Apache-2.0
#include "control/view/health.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

using Reasons = std::vector<std::string>;
using Verdict = Health::Verdict;

// A gateway that works.
class HealthTest : public testing::Test {
  protected:
    HealthTest() {
        scene_.start_dataplane();
        scene_.status().ports[0].state.store(static_cast<std::uint64_t>(abi::PortState::kUp));
    }
    Health health() { return view::health(scene_.source()); }
    void expect(Verdict verdict, const Reasons& reasons) {
        EXPECT_EQ(health().verdict, verdict);
        EXPECT_EQ(health().reasons, reasons);
    }

    Scene scene_;
};

TEST_F(HealthTest, AGatewayThatWorksIsOk) {
    expect(Verdict::kOk, {});
}

TEST_F(HealthTest, WithoutADataplaneItIsDown) {
    scene_.link = {};
    expect(Verdict::kDown, {"no dataplane is connected, so that no packet is forwarded; is "
                            "vipfwd-dataplane running?"});
    scene_.link = {.connected = true};
    expect(Verdict::kDown, {"the dataplane is starting: its ports are not open yet"});
}

TEST_F(HealthTest, BeforeTheDataplaneHasTablesItIsDown) {
    scene_.link.acknowledged_generation = 0;
    expect(Verdict::kDown, {"the dataplane is starting: it has no tables yet"});
}

TEST_F(HealthTest, BackendsThatAreDownDegradeIt) {
    scene_.check_pool(0);
    scene_.give(0, 0, {health::ProbeResult::Kind::kGood});
    scene_.give(0, 1, {health::ProbeResult::Kind::kFailed, "HTTP status 503"});
    expect(Verdict::kDegraded, {"1 of 3 backends of pool 'web' are down: 'web2' (HTTP status 503); "
                                "see show backends"});
    scene_.give(0, 0, {health::ProbeResult::Kind::kFailed, "connection refused"});
    scene_.give(0, 2, {health::ProbeResult::Kind::kFailed, "connection refused"});
    expect(Verdict::kDegraded, {"all backends of pool 'web' are down: 'web1' (connection refused) "
                                "and others, so that new connections to its services are "
                                "dropped; see show backends"});
}

TEST_F(HealthTest, PathsThatAreTooNarrowDegradeIt) {
    scene_.check_pool(0);
    scene_.measure_path(0, 0, {.wanted = 1600, .found = 1600});
    expect(Verdict::kOk, {});
    scene_.measure_path(0, 1, {.wanted = 1600, .found = 1500});
    const std::string consequence =
        "1500, but packets of up to 1600 bytes are sent there, so that large ones are lost; raise "
        "the MTU of the links on the path, or set mtu = 1500 for the port";
    const std::string first = "the path MTU of backend 'web2' of pool 'web' (10.0.0.12) ";
    expect(Verdict::kDegraded, {first + "is " + consequence});
    scene_.measure_path(0, 2, {.wanted = 1600, .found = 1400});
    expect(Verdict::kDegraded, {first + "and of 1 more is " + consequence});
}

TEST_F(HealthTest, APoolThatFailsOpenDegradesIt) {
    scene_.config.pools[0].min_up.count = 3;
    scene_.check_pool(0);
    scene_.give(0, 0, {health::ProbeResult::Kind::kFailed, "HTTP status 503"});
    scene_.publish();
    expect(Verdict::kDegraded,
           {"1 of 3 backends of pool 'web' are down: 'web1' (HTTP status 503), so that the pool "
            "fails open: all of them get new connections, whatever their state; see show "
            "backends"});
}

TEST_F(HealthTest, BackendsWithoutANextHopDegradeIt) {
    scene_.facts.next_hop = [](const IpAddress&) { return std::nullopt; };
    scene_.publish();
    std::size_t backends = 0;
    for (const config::Pool& pool : scene_.config.pools)
        backends += pool.backends.size();
    expect(Verdict::kDegraded, {"no next hop for backend 'web1' of pool 'web' (10.0.0.11) and " +
                                std::to_string(backends - 1) +
                                " more, so that their packets are dropped; see show backends"});
}

TEST_F(HealthTest, WithoutAPortThatIsUpNextHopsAreNoReason) {
    scene_.facts.next_hop = [](const IpAddress&) { return std::nullopt; };
    scene_.publish();
    scene_.status().ports[0].state.store(static_cast<std::uint64_t>(abi::PortState::kDown));
    expect(Verdict::kDown, {"port uplink: its link is down"});
}

TEST_F(HealthTest, OneBackendWithoutANextHopIsNamed) {
    scene_.facts.next_hop = [resolve = scene_.facts.next_hop](const IpAddress& address) {
        return address == ip("10.0.0.12") ? std::nullopt : resolve(address);
    };
    scene_.publish();
    expect(Verdict::kDegraded,
           {"no next hop for backend 'web2' of pool 'web' (10.0.0.12), so that its packets are "
            "dropped; see show backends"});
}

TEST_F(HealthTest, WithoutAPortThatIsUpItIsDown) {
    abi::PortStatus& port = scene_.status().ports[0];
    const std::string device = scene_.config.ports[0].device;
    const auto set = [&](abi::PortState state) {
        port.state.store(static_cast<std::uint64_t>(state));
    };
    set(abi::PortState::kDown);
    expect(Verdict::kDown, {"port uplink: its link is down"});
    set(abi::PortState::kAbsent);
    expect(Verdict::kDown, {"port uplink: its device is gone"});
    set(abi::PortState::kNoInterface);
    expect(Verdict::kDown,
           {"port uplink: there is no interface " + device + "; the dataplane waits for it"});
    set(abi::PortState::kCannotOpen);
    expect(Verdict::kDown, {"port uplink: the dataplane cannot open " + device +
                            ", as its log says, and tries again every second"});
}

TEST_F(HealthTest, APortThatDoesNotServeBesideOneThatDoesDegradesIt) {
    scene_.config.ports.push_back(scene_.config.ports[0]);
    scene_.config.ports[1].name = "other";
    expect(Verdict::kDegraded, {"port other: the dataplane has not opened it"});
}

TEST_F(HealthTest, APortThatMissesPacketsDegradesIt) {
    scene_.status().ports[0].unopened_queues.store(3);
    expect(Verdict::kDegraded,
           {"port uplink: packets in 3 receive queues of " + scene_.config.ports[0].device +
            " are missed; set queues to their number, or reduce it (ethtool -L)"});
}

TEST_F(HealthTest, LossesOfTheLastSecondsDegradeIt) {
    const LossCounts before;
    Source source = scene_.source();
    source.losses_before = &before;
    abi::WorkerCounters& counters = scene_.status().workers[0].counters;
    counters.received_packets.set(1000);
    EXPECT_EQ(view::health(source).verdict, Verdict::kOk);
    counters.dropped[static_cast<std::size_t>(abi::DropReason::kPoolEmpty)].set(300);
    EXPECT_EQ(view::health(source).verdict, Verdict::kDegraded);
    EXPECT_EQ(
        view::health(source).reasons,
        (Reasons{"300 of 1000 packets of the last seconds were lost: pool_empty 300; see show "
                 "drops"}));
}

TEST_F(HealthTest, AMissingSteeringProgramDegradesIt) {
    scene_.steering_problems = {"port uplink: the dataplane's program is not attached"};
    expect(Verdict::kDegraded, scene_.steering_problems);
}

TEST_F(HealthTest, AWorkerThatHangsDegradesIt) {
    scene_.status().workers[0].heartbeat_ns.store(scene_.source().now_ns - 2'000'000'000);
    expect(Verdict::kDegraded, {"worker 0 has not run for more than a second"});
}

TEST_F(HealthTest, GroupsTellWhatHindersThemAndWhatTheyWarnOf) {
    Source source = scene_.source();
    source.groups = {{.name = "edge",
                      .hindrances = {{group::Hindrance::Kind::kLinkDown, "uplink"}},
                      .warnings = {{.text = "10.0.0.2 advertises other VIPs"}}}};
    EXPECT_EQ(view::health(source).verdict, Verdict::kDegraded);
    EXPECT_EQ(view::health(source).reasons,
              (Reasons{"group edge cannot own its VIPs here: the link of port uplink is down",
                       "group 'edge': 10.0.0.2 advertises other VIPs"}));
}

TEST_F(HealthTest, VipsThatNobodyHereCanOwnDegradeIt) {
    scene_.config.unowned_vips = {ip("10.0.0.102")};
    expect(Verdict::kDegraded,
           {"VIP 10.0.0.102: its group cannot run before the dataplane's next start"});
}

TEST_F(HealthTest, WhatTheFileSaysButIsNotInForceDegradesIt) {
    scene_.reload_errors = {"vipfwd.toml:3:1: error: unknown key 'naem'", "another"};
    expect(Verdict::kDegraded,
           {"the last reload of /etc/vipfwd/vipfwd.toml failed, and the configuration before it is "
            "in force: vipfwd.toml:3:1: error: unknown key 'naem'"});
    scene_.reload_errors.clear();
    scene_.link.boot_differs = true;
    expect(Verdict::kDegraded, {"the dataplane was started with other parameters; restart it"});
    scene_.waiting = {"adds port wan"};
    expect(Verdict::kDegraded, {"changes wait for the dataplane's next start; see config"});
    scene_.waiting.clear();
    scene_.link.boot_differs = false;
    scene_.link.rejected = {.generation = 3, .reason = "checksum"};
    expect(Verdict::kDegraded, {"the dataplane rejected generation 3: checksum"});
}

}  // namespace
}  // namespace vipfwd::view
