// SPDX-License-Identifier: Apache-2.0
#include "control/table/pool_plans.h"

#include <gtest/gtest.h>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

constexpr std::uint32_t kHalf = abi::kMaxBackends / 2;

bool never(const abi::BackendEntry& /*retired*/) {
    return false;
}

// Backends with the addresses of these numbers.
std::vector<config::Backend> backends(std::uint32_t first, std::uint32_t count) {
    std::vector<config::Backend> all(count);
    for (std::uint32_t i = 0; i < count; ++i)
        all[i].address = IpAddress::from_v4(Be32::from_host(0x0a000000 + first + i));
    return all;
}

// Two pools; each of their backends has a number in its address.
config::Config config_of(std::vector<config::Backend> web, std::vector<config::Backend> db) {
    config::Config config = sample::config();
    config.pools[0].backends = std::move(web);
    config.pools[1].backends = std::move(db);
    return config;
}

class PoolPlansTest : public ::testing::Test {
  protected:
    // The tables of a configuration, built after those before.
    void publish(const config::Config& config) {
        tables_ = sample::must_build(config, tables_, now_s_++).tables;
    }

    Tables tables_;
    std::uint32_t now_s_ = 1000;
};

TEST_F(PoolPlansTest, ARemovedBackendKeepsItsIndexWhileThereIsRoom) {
    publish(config_of(backends(0, 100), backends(0, 10)));
    const auto plans = plan_pools(config_of(backends(50, 100), backends(0, 10)), tables_, never);
    ASSERT_TRUE(plans);
    EXPECT_EQ((*plans)[0].indices.size(), 150u);
    EXPECT_EQ((*plans)[0].previous, &tables_.pools[0]);
    EXPECT_EQ((*plans)[1].indices.size(), 10u);
}

TEST_F(PoolPlansTest, OfAFullPoolAnyPartCanBeReplaced) {
    publish(config_of(backends(0, abi::kMaxBackendsPerPool), backends(0, 1)));
    const auto config = config_of(backends(kHalf, abi::kMaxBackendsPerPool), backends(0, 1));
    const auto plans = plan_pools(config, tables_, never);
    ASSERT_TRUE(plans) << plans.error().message;
    const BackendIndices& web = (*plans)[0].indices;
    EXPECT_EQ(web.size(), abi::kMaxBackendsPerPool);
    EXPECT_EQ((*plans)[0].previous, &tables_.pools[0]);
    EXPECT_TRUE(web[0].is_new);
    EXPECT_FALSE(web[kHalf].is_new);
    EXPECT_EQ(web[kHalf].configured, 0u);
}

TEST_F(PoolPlansTest, IndicesOfBackendsThatWereRetiredLongestAgoAreTakenOverFirst) {
    publish(config_of(backends(0, 60'000), backends(0, 1)));
    publish(config_of(backends(1, 59'999), backends(0, 1)));
    publish(config_of(backends(1, 59'998), backends(0, 1)));
    auto web = backends(2, 59'997);
    web.push_back(backends(90'000, 1).front());
    const auto plans = plan_pools(config_of(web, backends(0, 5536)), tables_, never);
    ASSERT_TRUE(plans) << plans.error().message;
    const BackendIndices& indices = (*plans)[0].indices;
    EXPECT_EQ(indices[0].configured, 59'997u) << "the first one that was retired";
    EXPECT_FALSE(indices[1].configured) << "the last one";
}

// The first pool has retired indices in its middle, which only its own new backends could take; the
// new backends are in the second pool.
TEST_F(PoolPlansTest, APoolIsNumberedAnewIfItsGapsLeaveNoRoomForAnotherOne) {
    publish(config_of(backends(0, 60'000), backends(0, 1)));
    const auto config = config_of(backends(59'000, 1000), backends(0, 60'000));
    const auto plans = plan_pools(config, tables_, never);
    ASSERT_TRUE(plans) << plans.error().message;
    EXPECT_EQ((*plans)[0].previous, nullptr);
    EXPECT_EQ((*plans)[0].indices.size(), 1000u);
    EXPECT_EQ((*plans)[1].previous, &tables_.pools[1]);
    EXPECT_EQ((*plans)[1].indices.size(), 60'000u);
}

TEST_F(PoolPlansTest, OnlyConfiguredBackendsBeyondALimitAreAnError) {
    const auto message = [&](std::uint32_t web, std::uint32_t db) {
        const auto plans = plan_pools(config_of(backends(0, web), backends(0, db)), tables_, never);
        return plans ? "" : plans.error().message;
    };
    EXPECT_EQ(message(abi::kMaxBackendsPerPool, 1), "");
    EXPECT_EQ(message(abi::kMaxBackendsPerPool, 2), "65537 backends, the limit is 65536");
    EXPECT_EQ(message(abi::kMaxBackendsPerPool + 1, 0),
              "pool 'web': 65536 backends, the limit is 65535");
}

}  // namespace
}  // namespace vipfwd::table
