// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_quotas.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

constexpr abi::HashKey kQuotaKey{{3, 4}};

std::vector<RingMember> three(std::uint32_t first, std::uint32_t second, std::uint32_t third) {
    return {{sample::ip("10.0.0.1"), first, 0},
            {sample::ip("10.0.0.2"), second, 1},
            {sample::ip("10.0.0.3"), third, 2}};
}

TEST(RingQuotas, AreTheSharesOfTheWeights) {
    EXPECT_EQ(ring_quotas(three(1, 2, 7), kQuotaKey, 100),
              (std::vector<std::uint32_t>{10, 20, 70}));
}

TEST(RingQuotas, TheLargestFractionsGetTheSlotsLeftOver) {
    EXPECT_EQ(ring_quotas(three(1, 1, 8), kQuotaKey, 7), (std::vector<std::uint32_t>{1, 1, 5}))
        << "shares of 0.7, 0.7 and 5.6";
}

TEST(RingQuotas, EqualFractionsAreDecidedByTheAddressAndNotByTheOrder) {
    std::vector<RingMember> members = three(5, 5, 5);
    std::vector<std::uint32_t> quotas = ring_quotas(members, kQuotaKey, 100);
    EXPECT_EQ(std::accumulate(quotas.begin(), quotas.end(), 0u), 100u);
    std::vector<std::uint32_t> backwards =
        ring_quotas({{members[2], members[1], members[0]}}, kQuotaKey, 100);
    EXPECT_EQ(quotas, (std::vector{backwards[2], backwards[1], backwards[0]}));
}

}  // namespace
}  // namespace vipfwd::table
