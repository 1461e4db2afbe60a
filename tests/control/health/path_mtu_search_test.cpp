// SPDX-License-Identifier: Apache-2.0
#include "control/health/path_mtu_search.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace vipfwd::health {
namespace {

struct Trial {
    std::uint32_t largest;
    int packets;
};

// Of a path that carries packets of up to `mtu` bytes.
Trial search(std::uint32_t full, std::uint32_t mtu) {
    PathMtuSearch search(full);
    int packets = 0;
    for (; !search.is_done(); ++packets)
        search.note(search.size() <= mtu);
    return {search.largest(), packets};
}

TEST(PathMtuSearch, OnePacketIsEnoughIfTheLargestArrives) {
    const auto [largest, packets] = search(1500, 1500);
    EXPECT_EQ(largest, 1500u);
    EXPECT_EQ(packets, 1);
}

TEST(PathMtuSearch, FindsAnyMtu) {
    for (std::uint32_t mtu = PathMtuSearch::kSmallest; mtu <= 9000; ++mtu)
        ASSERT_EQ(search(9000, mtu).largest, mtu);
    EXPECT_LE(search(9000, 1234).packets, 3 * 15);
}

TEST(PathMtuSearch, SaysIfNothingArrives) {
    const auto [largest, packets] = search(1500, 0);
    EXPECT_EQ(largest, 0u);
    EXPECT_EQ(packets, 6) << "the largest, then the smallest";
}

TEST(PathMtuSearch, TwoPacketsMayBeLost) {
    PathMtuSearch search(1500);
    search.note(false);
    search.note(false);
    EXPECT_EQ(search.size(), 1500u);
    search.note(true);
    EXPECT_TRUE(search.is_done());
    EXPECT_EQ(search.largest(), 1500u);
}

TEST(PathMtuSearch, NoSizeIsTooSmall) {
    EXPECT_EQ(search(0, 1500).largest, PathMtuSearch::kSmallest);
    EXPECT_EQ(search(0, 0).largest, 0u);
}

}  // namespace
}  // namespace vipfwd::health
