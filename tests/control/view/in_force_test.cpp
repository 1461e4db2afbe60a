// SPDX-License-Identifier: Apache-2.0
#include "control/view/in_force.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

using table::sample::ip;

TEST(InForce, WithoutARegionNothingIs) {
    const Scene scene;
    EXPECT_TRUE(tables_in_force(scene.source()).services.empty());
    EXPECT_EQ(dataplane_status(scene.source()), nullptr);
    EXPECT_FALSE(booted(scene.source()));
    EXPECT_EQ(port_names(scene.source()), std::vector<std::string>{"uplink"}) << "as configured";
}

TEST(InForce, PortsAreNamedAsTheRunningDataplaneHasThem) {
    Scene scene;
    scene.start_dataplane();
    scene.config.ports[0].name = "renamed";
    EXPECT_EQ(port_names(scene.source()), std::vector<std::string>{"uplink"});
    scene.link.ready = false;
    EXPECT_EQ(port_names(scene.source()), std::vector<std::string>{"renamed"});
}

TEST(InForce, BootParametersOfTheRegionAreValidated) {
    Scene scene;
    scene.start_dataplane();
    EXPECT_TRUE(booted(scene.source()));
    std::memset(static_cast<void*>(&scene.status().booted), 0xff, sizeof(abi::BootParameters));
    EXPECT_FALSE(booted(scene.source()));
}

TEST(InForce, ACounterNeverGoesBelowItsBaseline) {
    EXPECT_EQ(since({.packets = 10, .bytes = 900}, 4, 400).packets, 6u);
    EXPECT_EQ(since({.packets = 3, .bytes = 300}, 4, 400).packets, 0u);
    EXPECT_EQ(since({.packets = 3, .bytes = 300}, 4, 400).bytes, 0u);
}

TEST(InForce, ANextHopInForceWinsOverTheNetworks) {
    Scene scene;
    scene.start_dataplane();
    abi::BackendEntry entry{};
    entry.resolved = 1;
    entry.next_hop = {{2, 0, 0, 0, 0, 99}};
    const std::vector<std::string> ports = port_names(scene.source());
    const net::Hop now = scene.source().find_hop(ip("10.0.0.11"));
    EXPECT_EQ(
        next_hop(now, scene.config, &entry, ports),
        (NextHop{.mac = entry.next_hop, .port = "uplink", .state = net::HopState::kReachable}));
    entry.resolved = 0;
    EXPECT_EQ(next_hop(now, scene.config, &entry, ports),
              (NextHop{.mac = {}, .port = {}, .state = net::HopState::kReachable}))
        << "resolved by now, but not in force yet";
}

}  // namespace
}  // namespace vipfwd::view
