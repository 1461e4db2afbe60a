// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/match.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "dataplane/packet/parse.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

using sample::Spec;
using sample::World;

Packet parsed(const World& world, const sample::Bytes& bytes) {
    sample::Buffer buffer(bytes);
    const Frame frame = buffer.frame();
    Packet packet;
    parse(std::span(&frame, 1), world.tables(), std::span(&packet, 1));
    return packet;
}

Packet matched(const World& world, const sample::Bytes& bytes) {
    Packet packet = parsed(world, bytes);
    match(world.tables(), Ownership(), std::span(&packet, 1));
    return packet;
}

TEST(Match, FindsTheServiceOfEveryKindOfPort) {
    const World world;
    struct Case {
        Spec spec;
        std::uint32_t service;
    };
    const Case cases[] = {
        {{.destination_port = 80}, 0},
        {{.protocol = kIpProtocolUdp, .destination_port = 53}, 1},
        {{.destination_port = 8000}, 2},
        {{.destination_port = 8050}, 2},
        {{.destination_port = 8099}, 2},
        {{.destination_port = 8100}, kNone},
        {{.destination_port = 7999}, kNone},
        {{.destination_port = 53}, kNone},
        {{.protocol = kIpProtocolUdp, .destination_port = 80}, kNone},
        {{.destination = "10.0.0.101", .destination_port = 0}, 3},
        {{.destination = "10.0.0.101", .destination_port = 1}, 3},
        {{.destination = "10.0.0.101", .destination_port = 65535}, 3},
        {{.destination = "10.0.0.101", .protocol = kIpProtocolUdp, .destination_port = 9}, kNone},
        {{.destination = "10.0.0.102", .destination_port = 80}, 4},
        {{.destination = "10.0.0.103", .destination_port = 80}, kNone},
        {{.destination = "10.0.0.100", .protocol = 132}, kNone},
    };
    for (const Case& one : cases) {
        const Packet packet = matched(world, sample::ipv4(one.spec));
        EXPECT_EQ(packet.service, one.service)
            << one.spec.destination << " " << one.spec.destination_port;
        EXPECT_EQ(packet.action, one.service == kNone ? Action::kToKernel : Action::kUndecided);
    }
}

// Bursts of packets to all kinds of destinations, drawn at random.
TEST(Match, ABurstIsMatchedAsItsPacketsAreAlone) {
    World world;
    world.generation().vips[0].flags = abi::kVipRefuses;
    std::vector<sample::Bytes> kinds;
    for (const std::uint16_t port : std::array<std::uint16_t, 5>{80, 8000, 8099, 53, 79})
        kinds.push_back(sample::ipv4({.destination_port = port}));
    kinds.push_back(sample::ipv4({.protocol = kIpProtocolUdp, .destination_port = 53}));
    kinds.push_back(sample::ipv4({.destination = "10.0.0.101", .destination_port = 9}));
    kinds.push_back(sample::ipv4({.destination = "10.0.0.103"}));
    kinds.push_back(sample::ipv4({.ttl = 0}));
    kinds.push_back(sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100"));
    std::mt19937 random(1);
    for (int burst = 0; burst < 300; ++burst) {
        std::array<Packet, kBurstSize> packets;
        std::array<std::size_t, kBurstSize> drawn{};
        const std::size_t variety = 1 + random() % kinds.size();
        for (std::uint32_t i = 0; i < kBurstSize; ++i) {
            drawn[i] = random() % variety;
            packets[i] = parsed(world, kinds[drawn[i]]);
        }
        match(world.tables(), Ownership(), packets);
        for (std::uint32_t i = 0; i < kBurstSize; ++i) {
            const Packet alone = matched(world, kinds[drawn[i]]);
            ASSERT_EQ(packets[i].action, alone.action) << drawn[i];
            ASSERT_EQ(packets[i].reason, alone.reason) << drawn[i];
            ASSERT_EQ(packets[i].service, alone.service) << drawn[i];
        }
    }
}

TEST(Match, AFaultyPacketIsDroppedOnlyIfItIsForAVip) {
    const World world;
    EXPECT_EQ(matched(world, sample::ipv4({.ttl = 0})).action, Action::kDrop);
    EXPECT_EQ(matched(world, sample::ipv4({.destination = "10.0.0.1", .ttl = 0})).action,
              Action::kToKernel);
}

// VIP 0 is 10.0.0.100, of services on TCP 80 and 8000-8099 and on UDP 53.
TEST(Match, WhatNoServiceOfAVipThatRefusesItTakesIsDropped) {
    World world;
    world.generation().vips[0].flags = abi::kVipRefuses;
    const Spec refused[] = {
        {.destination_port = 79},
        {.protocol = kIpProtocolUdp, .destination_port = 80},
        {.destination_port = 79, .payload = 4, .fragment = kIpv4MoreFragments},
        {.protocol = 132},
    };
    for (const Spec& spec : refused) {
        const Packet packet = matched(world, sample::ipv4(spec));
        EXPECT_EQ(packet.action, Action::kDrop) << int{spec.protocol};
        EXPECT_EQ(packet.reason, DropReason::kVipNotAccepted) << int{spec.protocol};
    }
    for (const std::uint16_t port : std::array<std::uint16_t, 3>{80, 8000, 8099})
        EXPECT_EQ(matched(world, sample::ipv4({.destination_port = port})).action,
                  Action::kUndecided);
    EXPECT_EQ(matched(world, sample::ipv4({.destination = "10.0.0.103"})).action,
              Action::kToKernel);
    EXPECT_EQ(matched(world, sample::ipv4({.ttl = 0})).reason, DropReason::kIpv4TtlZero);
}

// RFC 9568 §6.1: Accept_Mode is not about address resolution.
TEST(Match, AVipThatRefusesPacketsIsResolvedAllTheSame) {
    World world;
    world.generation().vips[0].flags = abi::kVipRefuses;
    EXPECT_EQ(matched(world, sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100")).action,
              Action::kAnswer);
    EXPECT_EQ(matched(world, sample::arp(kArpOperationReply, "10.0.0.50", "10.0.0.100")).action,
              Action::kToKernel);
}

TEST(Match, AnswersArpOnlyForVipsThatAreOwned) {
    const World world;
    EXPECT_EQ(matched(world, sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100")).action,
              Action::kAnswer);
    EXPECT_EQ(matched(world, sample::arp(kArpOperationRequest, "0.0.0.0", "10.0.0.100")).action,
              Action::kAnswer);
    EXPECT_EQ(matched(world, sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.102")).action,
              Action::kToKernel);
    EXPECT_EQ(matched(world, sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.1")).action,
              Action::kToKernel);
}

// The kernel would answer for a VIP that a control which died has left it.
TEST(Match, WhoAsksForAVipThatTheKernelMayHaveIsNotAnsweredByIt) {
    World world;
    world.generation().vips[0].flags = abi::kVipIsLocal;
    const auto request = sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100");
    EXPECT_EQ(matched(world, request).action, Action::kAnswer);
    world.generation().vips[0].lease = sample::kUnowned;
    const Packet packet = matched(world, request);
    EXPECT_EQ(packet.action, Action::kDrop);
    EXPECT_EQ(packet.reason, DropReason::kVipNotOwned);
    EXPECT_EQ(matched(world, sample::ipv4({.destination_port = 79})).action, Action::kToKernel);
}

// The whole capacity, with ranges between, against a plain search.
TEST(Match, AgreesWithAPlainSearchOverFourThousandServices) {
    World world;
    abi::Generation& generation = world.generation();
    generation.header.vip_count = generation.header.service_count = 0;
    for (std::uint32_t i = 0; i < abi::kMaxServices / 4; ++i) {
        const std::string vip = "10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256);
        world.add_vip(vip, true);
        world.add_service(vip, 6, 80, 80, 0);
        world.add_service(vip, 17, 80, 80, 0);
        world.add_service(vip, 6, 100, 199, 0);
        world.add_service(vip, 6, 200, 300, 0);
    }
    world.rebuild();
    const auto plain = [&](const IpAddress& vip, std::uint8_t protocol, std::uint16_t port) {
        for (std::uint32_t i = 0; i < generation.header.service_count; ++i) {
            const abi::ServiceEntry& service = generation.services[i];
            if (service.vip == vip && service.protocol == protocol && service.port_first <= port &&
                port <= service.port_last)
                return i;
        }
        return kNone;
    };
    const Tables& tables = world.tables();
    const auto find = [&](const IpAddress& vip, std::uint8_t protocol, std::uint16_t port) {
        return sample::find_service(tables, vip, protocol, port);
    };
    std::mt19937 random(1);
    for (int i = 0; i < 3000; ++i) {
        const IpAddress vip = IpAddress::from_v4(
            Be32::from_host(static_cast<std::uint32_t>(0x0a010000 + random() % 1100)));
        const std::uint8_t protocol = random() % 2 == 0 ? kIpProtocolTcp : kIpProtocolUdp;
        const auto port = static_cast<std::uint16_t>(random() % 4 == 0 ? 80 : random() % 320);
        EXPECT_EQ(find(vip, protocol, port), plain(vip, protocol, port));
    }
}

}  // namespace
}  // namespace vipfwd::packet
