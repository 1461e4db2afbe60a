// SPDX-License-Identifier: Apache-2.0
#include "control/group/pool_health.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vipfwd::group {
namespace {

using abi::BackendHealth;
using abi::BackendState;
using health::Verdict;

abi::BackendEntry backend(BackendState state, BackendHealth health) {
    abi::BackendEntry entry{};
    entry.state = static_cast<std::uint8_t>(state);
    entry.health = static_cast<std::uint8_t>(health);
    return entry;
}

const abi::BackendEntry kUp = backend(BackendState::kServing, BackendHealth::kUp);
const abi::BackendEntry kUnchecked = backend(BackendState::kServing, BackendHealth::kUnchecked);
const abi::BackendEntry kDown = backend(BackendState::kDown, BackendHealth::kDown);
const abi::BackendEntry kDrained = backend(BackendState::kDraining, BackendHealth::kUp);
const abi::BackendEntry kNew = backend(BackendState::kDraining, BackendHealth::kUnknown);
const abi::BackendEntry kNewAndServing = backend(BackendState::kServing, BackendHealth::kUnknown);
const abi::BackendEntry kServingAlthoughDown =
    backend(BackendState::kServing, BackendHealth::kDown);

// Of pool "web", behind a pool whose backend is up.
PoolHealth health_of(const std::vector<abi::BackendEntry>& backends, bool fails_open = false) {
    table::Tables tables;
    tables.backends.push_back(kUp);
    tables.backends.insert(tables.backends.end(), backends.begin(), backends.end());
    abi::PoolEntry other{};
    other.name[0] = 'a';
    other.backend_count = 1;
    abi::PoolEntry web{};
    std::string("web").copy(web.name, sizeof web.name - 1);
    web.backend_base = 1;
    web.backend_count = static_cast<std::uint32_t>(backends.size());
    web.fails_open = fails_open ? 1 : 0;
    tables.pools = {other, web};
    return health_of_pool(tables, "web");
}

TEST(PoolHealth, OneBackendThatIsUpIsEnough) {
    EXPECT_EQ(health_of({kDown, kUp}).verdict, Verdict::kGood);
    EXPECT_EQ(health_of({kDown, kUnchecked}).verdict, Verdict::kGood);
    EXPECT_EQ(health_of({kNew, kUp}).verdict, Verdict::kGood);
}

TEST(PoolHealth, IsBadIfNoneGetsFlows) {
    for (const std::vector<abi::BackendEntry>& backends :
         {std::vector<abi::BackendEntry>{}, {kDown}, {kDrained, kDown}, {kServingAlthoughDown}}) {
        const PoolHealth health = health_of(backends);
        EXPECT_EQ(health.verdict, Verdict::kBad);
        EXPECT_EQ(health.failure, "none of its backends is up");
    }
}

TEST(PoolHealth, IsBadIfThePoolFailsOpen) {
    const PoolHealth health = health_of({kUp, kServingAlthoughDown}, true);
    EXPECT_EQ(health.verdict, Verdict::kBad);
    EXPECT_EQ(health.failure, "fewer of its backends are up than min_up");
}

TEST(PoolHealth, IsUnknownBeforeTheFirstResults) {
    EXPECT_EQ(health_of({kNew, kDown}).verdict, Verdict::kUnknown);
    EXPECT_EQ(health_of({kNewAndServing}).verdict, Verdict::kUnknown);
    EXPECT_EQ(health_of_pool({}, "web").verdict, Verdict::kUnknown);
}

}  // namespace
}  // namespace vipfwd::group
