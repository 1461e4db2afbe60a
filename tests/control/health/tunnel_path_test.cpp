// SPDX-License-Identifier: Apache-2.0
#include "control/health/tunnel_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>

#include "tests/control/health/tunnel_scene.h"

namespace vipfwd::health {
namespace {

TunnelPath path_of(const TunnelNetwork& network, const Target& target) {
    return std::get<TunnelPath>(find_tunnel_path(network, target));
}

ProbeResult obstacle_of(const TunnelNetwork& network, const Target& target) {
    return std::get<ProbeResult>(find_tunnel_path(network, target));
}

TEST(TunnelPath, IsThatOfClientsPackets) {
    const auto [path, way] = path_of(tunnel_network(), tunnel_target(abi::Forward::kGue));
    EXPECT_EQ(path.form, CHECK_GUE);
    EXPECT_EQ(path.interface, 7u);
    EXPECT_TRUE(std::ranges::equal(std::span(path.link).first(6), kTunnelBackendMac.bytes));
    EXPECT_TRUE(std::ranges::equal(std::span(path.link).last(6), kTunnelPortMac.bytes));
    EXPECT_EQ(path.gue_port, Be16::from_host(6080).raw);
    EXPECT_EQ(path.is_outer_v4, 1);
    EXPECT_TRUE(std::ranges::equal(path.source, parse_ip("10.0.0.1")->bytes));
    EXPECT_TRUE(std::ranges::equal(path.destination, kTunnelBackend.bytes));
    EXPECT_EQ(way.to, kTunnelVip);
    EXPECT_EQ(way.from, *parse_ip("10.0.0.1"));
    EXPECT_EQ(way.max_packet_bytes, 1600u - 32);
}

TEST(TunnelPath, PacketsAreNoLargerThanThoseOfAnyPortAndOfTheKernelsInterface) {
    TunnelNetwork network = tunnel_network();
    const auto max_packet_bytes = [&] {
        return path_of(network, tunnel_target(abi::Forward::kGue)).way.max_packet_bytes;
    };
    network.ports[0].facts.mtu = 0;
    EXPECT_EQ(max_packet_bytes(), 1500u - 32) << "by default";
    network.ports[0].facts.mtu = 9000;
    network.ports[0].interface_mtu = 1504;
    EXPECT_EQ(max_packet_bytes(), 1504u - 32) << "of a tap";
    network.ports[0].interface_mtu = 9000;
    network.ports.emplace_back();
    EXPECT_EQ(max_packet_bytes(), 9000u - 32) << "clients may come by the same port";
    network.ports[0].facts.mtu = 16;
    EXPECT_EQ(max_packet_bytes(), 0u);
}

TEST(TunnelPath, ASourceIsOneOfThePortsRange) {
    TunnelNetwork network = tunnel_network();
    network.ports[0].facts.source_v4 = *parse_ip("10.9.0.0");
    network.ports[0].facts.source_v4_bits = 8;
    EXPECT_TRUE(std::ranges::equal(path_of(network, tunnel_target()).path.source,
                                   parse_ip("10.9.0.1")->bytes));
}

TEST(TunnelPath, AnUnresolvedNextHopIsAHostThatCannotBeReached) {
    TunnelNetwork network = tunnel_network();
    network.next_hop = [](const IpAddress&) { return std::nullopt; };
    EXPECT_EQ(obstacle_of(network, tunnel_target()).kind, ProbeResult::Kind::kUnreachable);
    network.ports[0].interface = 0;
    const ProbeResult result = obstacle_of(network, tunnel_target());
    EXPECT_EQ(result.kind, ProbeResult::Kind::kNone) << "nothing can be resolved without it";
    EXPECT_EQ(result.reason, "not checked: port uplink has no interface yet");
}

TEST(TunnelPath, WhatThisMachineLacksIsNoFailure) {
    TunnelNetwork network = tunnel_network();
    network.ports[0].interface = 0;
    EXPECT_EQ(obstacle_of(network, tunnel_target()).kind, ProbeResult::Kind::kNone);
    network = tunnel_network();
    network.ports[0].facts.source_v4 = {};
    EXPECT_EQ(obstacle_of(network, tunnel_target()).reason,
              "not checked: port uplink has no IPv4 address, from which the tunnel would come");
    EXPECT_EQ(path_of(network, tunnel_target(abi::Forward::kL2)).path.form, CHECK_L2)
        << "without a tunnel it needs none";
}

TEST(TunnelPath, AVipIsCheckedFromAnAddressOfItsVersion) {
    TunnelNetwork network = tunnel_network();
    Target target = tunnel_target();
    target.tunnel->vip = *parse_ip("fd00::100");
    EXPECT_EQ(obstacle_of(network, target).reason,
              "not checked: no port has an IPv6 address of its own, from which VIP fd00::100 could "
              "be checked");
    network.ports.emplace_back();
    network.ports[1].facts.own_v6 = *parse_ip("fd00::1");
    EXPECT_EQ(path_of(network, target).way.from, *parse_ip("fd00::1")) << "of any port";
    EXPECT_EQ(path_of(network, target).way.max_packet_bytes, 1600u - 20);
}

}  // namespace
}  // namespace vipfwd::health
