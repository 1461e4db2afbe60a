// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/core_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace vipfwd::bench {
namespace {

bool is_icmp(const packet::Frame& frame) {
    return frame.bytes()[kIpAt + 9] == packet::kIpProtocolIcmp;
}

std::uint16_t fragment_field(const packet::Frame& frame) {
    return packet::load<packet::Ipv4Header>(frame.bytes(), kIpAt).fragment.host();
}

bool is_first_fragment(const packet::Frame& frame) {
    return (fragment_field(frame) & packet::kIpv4MoreFragments) != 0;
}

bool is_last_fragment(const packet::Frame& frame) {
    return !is_first_fragment(frame) && (fragment_field(frame) & packet::kIpv4OffsetMask) != 0;
}

constexpr std::uint32_t kBursts = 100;

TEST(CoreCases, IcmpErrorsAreMixedInEvenly) {
    Traffic traffic(traffic_of({.name = "some", .mixed = Shape::kIcmpErrors, .mixed_percent = 30}));
    const auto burst = std::make_unique<packet::Burst>();
    std::ptrdiff_t errors = 0;
    for (std::uint32_t i = 0; i < kBursts; ++i) {
        traffic.make(*burst);
        const auto frames = burst->all_frames();
        const auto of_burst = std::count_if(frames.begin(), frames.end(), is_icmp);
        EXPECT_NEAR(static_cast<double>(of_burst), 0.3 * packet::kBurstSize, 1);
        errors += of_burst;
    }
    EXPECT_EQ(errors, kBursts * packet::kBurstSize * 30 / 100);
}

TEST(CoreCases, BothFragmentsOfAMixedInPacketAreInOneBurst) {
    Traffic traffic(traffic_of({.name = "some",
                                .world = {.protocol = packet::kIpProtocolUdp},
                                .mixed = Shape::kFragments,
                                .mixed_percent = 30}));
    const auto burst = std::make_unique<packet::Burst>();
    std::uint32_t fragments = 0;
    for (std::uint32_t i = 0; i < kBursts; ++i) {
        traffic.make(*burst);
        ASSERT_EQ(burst->all_frames().size(), packet::kBurstSize);
        bool is_first = false;
        for (const packet::Frame& frame : burst->all_frames()) {
            EXPECT_EQ(is_last_fragment(frame), is_first);
            is_first = is_first_fragment(frame);
            fragments += is_first ? 2 : 0;
        }
        EXPECT_FALSE(is_first);
    }
    EXPECT_NEAR(fragments, kBursts * packet::kBurstSize * 0.3, 2);
}

TEST(CoreCases, FlowsBeginWithWholePackets) {
    const Case one{.name = "some", .mixed = Shape::kIcmpErrors, .mixed_percent = 30};
    EXPECT_FALSE(is_whole(one));
    EXPECT_TRUE(whole_traffic_of(one).mixed.empty());
    EXPECT_TRUE(is_whole(usual_case()));
}

}  // namespace
}  // namespace vipfwd::bench
