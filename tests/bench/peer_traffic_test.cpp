// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/peer_traffic.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace vipfwd::bench {
namespace {

using packet::load;

constexpr std::uint32_t kFrames = 10'000;

FrameSource source_of(const std::string& name) {
    return FrameSource(peer_traffics().at(name));
}

TEST(PeerTraffic, ThirtyPercentOfTheFramesOfAMixAreOfTheAttack) {
    for (const char* name : {"plain+fragments", "plain+icmp_errors"}) {
        FrameSource source = source_of(name);
        std::uint32_t plain = 0;
        for (std::uint32_t i = 0; i < kFrames; ++i)
            plain += is_plain(source.next()) ? 1 : 0;
        EXPECT_NEAR(plain, kFrames * 0.7, 2) << name;
    }
}

TEST(PeerTraffic, AnAttackIsOnAnotherServiceThanThatOfPlainPackets) {
    for (const char* name : {"attacked", "fragments", "icmp_errors"}) {
        FrameSource source = source_of(name);
        for (std::uint32_t i = 0; i < kFrames; ++i)
            ASSERT_FALSE(is_plain(source.next())) << name;
    }
}

TEST(PeerTraffic, FragmentsAndErrorsAreAboutFlowsThatWholeDatagramsBegin) {
    FrameSource attacked = source_of("attacked");
    FrameSource fragments = source_of("fragments");
    FrameSource errors = source_of("icmp_errors");
    constexpr std::size_t kQuotedClientAt = kIpv4PayloadAt + sizeof(packet::IcmpHeader) + 16;
    for (std::uint32_t i = 0; i < kFrames; ++i) {
        const auto client = load<Be32>(attacked.next(), kIpv4SourceAt);
        for (std::uint32_t fragment = 0; fragment < 2; ++fragment)
            ASSERT_EQ(load<Be32>(fragments.next(), kIpv4SourceAt), client);
        ASSERT_EQ(load<Be32>(errors.next(), kQuotedClientAt), client);
    }
}

TEST(PeerTraffic, APlainPacketIsRecognisedBehindATunnelHeader) {
    FrameSource source = source_of("plain");
    const auto frame = source.next();  // of the source's memory
    std::vector<std::uint8_t> tunnelled(frame.begin(), frame.end());
    tunnelled.insert(tunnelled.begin() + kIpv4PayloadAt, frame.begin() + kIpAt,
                     frame.begin() + kIpv4PayloadAt);
    tunnelled[kIpAt + 9] = packet::kIpProtocolIpip;
    EXPECT_TRUE(is_plain(tunnelled));
    tunnelled[kIpv4PayloadAt + 9] = packet::kIpProtocolUdp;
    EXPECT_FALSE(is_plain(tunnelled));
}

TEST(PeerTraffic, TheStampOverwritesOnlyThePayloadOfAPlainPacket) {
    EXPECT_EQ(source_of("plain").next().size(),
              kIpv4PayloadAt + sizeof(packet::TcpHeader) + kStampBytes);
}

TEST(PeerTraffic, DatagramsOfAFlowDifferInTheirIdentifications) {
    TrafficSpec spec = peer_traffics().at("fragments");
    spec.flows = 1 << 16;
    FrameSource source(spec);
    const auto first = source.next();
    const auto client = load<Be32>(first, kIpv4SourceAt);
    std::set<std::uint16_t> seen;
    std::uint32_t datagrams = 0;
    for (std::uint32_t i = 0; i < 6 << 16; ++i) {
        const auto frame = source.next();
        const auto ip = load<packet::Ipv4Header>(frame, kIpAt);
        if (ip.source != client || (ip.fragment.host() & packet::kIpv4OffsetMask) != 0)
            continue;
        ++datagrams;
        seen.insert(ip.identification.host());
    }
    EXPECT_GE(datagrams, 2u);
    EXPECT_EQ(seen.size(), datagrams);
}

}  // namespace
}  // namespace vipfwd::bench
