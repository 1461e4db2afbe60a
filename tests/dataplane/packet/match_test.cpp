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

TEST(Match, FindsServicesOnOnePortOnARangeAndOnAnyPort) {
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

// A packet alone takes the fast path, match_common(). So does a burst to one destination; bursts of
// random packets take the general path.
TEST(Match, MatchCommonAgreesWithTheGeneralPathOnRandomBursts) {
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
            if (alone.undecided()) {
                ASSERT_EQ(packets[i].hash, alone.hash) << drawn[i];
            }
        }
    }
}

TEST(Match, AMalformedPacketIsDroppedOnlyIfItIsForAVip) {
    const World world;
    EXPECT_EQ(matched(world, sample::ipv4({.ttl = 0})).action, Action::kDrop);
    EXPECT_EQ(matched(world, sample::ipv4({.destination = "10.0.0.1", .ttl = 0})).action,
              Action::kToKernel);
}

// VIP 0 is 10.0.0.100, of services on TCP 80 and 8000-8099 and on UDP 53.
TEST(Match, AVipThatRefusesPacketsDropsThoseWithoutAService) {
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

// RFC 9568 §6.1: Accept_Mode does not concern address resolution.
TEST(Match, AVipThatRefusesPacketsStillAnswersArp) {
    World world;
    world.generation().vips[0].flags = abi::kVipRefuses;
    EXPECT_EQ(matched(world, sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100")).action,
              Action::kAnswer);
    EXPECT_EQ(matched(world, sample::arp(kArpOperationReply, "10.0.0.50", "10.0.0.100")).action,
              Action::kToKernel);
}

TEST(Match, ArpIsAnsweredOnlyForOwnedVips) {
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

TEST(Match, NobodyAnswersForAVipWhoseGroupCannotRunHereButItsPacketsAreForwarded) {
    World world;
    world.generation().vips[0].lease = abi::kNeverOwned;
    EXPECT_EQ(matched(world, sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100")).action,
              Action::kToKernel);
    EXPECT_EQ(matched(world, sample::ipv4({.destination_port = 80})).service, 0u);
}

// A control that died may have left the VIP on a kernel interface: the kernel must not answer.
TEST(Match, ArpForALocalVipThatIsNotOwnedIsDropped) {
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

}  // namespace
}  // namespace vipfwd::packet
