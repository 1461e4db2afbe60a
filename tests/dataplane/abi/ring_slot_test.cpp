// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/ring_slot.h"

#include <gtest/gtest.h>

namespace vipfwd::abi {
namespace {

constexpr HashKey kHashKey{{1, 2}};
constexpr IpAddress kClient = IpAddress::from_v4(Be32::from_host(0x0a000001));
constexpr IpAddress kVip = IpAddress::from_v4(Be32::from_host(0x0a000064));

std::uint64_t hash_of(Affinity affinity, std::uint16_t source_port, std::uint16_t port,
                      std::uint8_t protocol) {
    const FlowKey flow{kClient, kVip, Be16::from_host(source_port), Be16::from_host(port),
                       protocol};
    return slot_hash(affinity, flow_hash(flow, kHashKey), flow.source, flow.destination, kHashKey);
}

TEST(RingSlot, WithoutAffinityTheWholeFlowDecides) {
    const std::uint64_t hash = hash_of(Affinity::kNone, 1000, 80, 6);
    EXPECT_NE(hash_of(Affinity::kNone, 1001, 80, 6), hash);
    EXPECT_NE(hash_of(Affinity::kNone, 1000, 81, 6), hash);
    EXPECT_NE(hash_of(Affinity::kNone, 1000, 80, 17), hash);
}

TEST(RingSlot, WithSourceAffinityOnlyClientAndVipDecide) {
    const std::uint64_t hash = hash_of(Affinity::kSource, 1000, 80, 6);
    EXPECT_EQ(hash_of(Affinity::kSource, 1001, 81, 17), hash);
    EXPECT_NE(slot_hash(Affinity::kSource, 0, kVip, kVip, kHashKey), hash);
    EXPECT_NE(slot_hash(Affinity::kSource, 0, kClient, kClient, kHashKey), hash);
}

TEST(RingSlot, StaysWithinTheRing) {
    for (const std::uint64_t hash : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
        EXPECT_LT(ring_slot(hash, kDefaultRingSlots), kDefaultRingSlots);
        EXPECT_EQ(ring_slot(hash, 1), 0u);
    }
    EXPECT_EQ(ring_slot(~std::uint64_t{0}, kDefaultRingSlots), kDefaultRingSlots - 1);
}

}  // namespace
}  // namespace vipfwd::abi
