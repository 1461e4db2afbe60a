// SPDX-License-Identifier: Apache-2.0
#include "control/table/flow_counting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "dataplane/abi/limits.h"
#include "dataplane/abi/mapping.h"
#include "tests/control/table/publish_fixture.h"

namespace vipfwd::table {
namespace {

constexpr std::uint8_t kClass = 9;

std::uint32_t key(std::uint16_t index) {
    return abi::WatchedBackends::key(kClass, index);
}

// Two workers, which count what the test says.
class FlowCountingTest : public ::testing::Test {
  protected:
    FlowCountingTest() {
        for (const std::uint32_t worker : {0u, 5u})
            status_->workers[worker].heartbeat_ns.store(1);
    }
    // A round in which each worker has so many flows of each index.
    Census answer(const FlowCounting& counting, const std::vector<std::uint16_t>& flows) {
        ++request_;
        for (const std::uint32_t worker : {0u, 5u}) {
            abi::FlowCensus& census = status_->censuses[worker];
            census.begin(request_, 1);
            for (std::uint16_t index = 0; index < flows.size(); ++index) {
                if (flows[index] == 0)
                    continue;
                census.mark(kClass, index);
                const auto watched = counting.next_round();
                const auto place = std::ranges::find(watched, key(index));
                if (place != watched.end())
                    census.watched[place - watched.begin()].set(flows[index]);
            }
            census.finish();
        }
        return {status_, request_};
    }

    const abi::RegionMapping region_ = abi::RegionMapping::create("vipfwd-test", false).value();
    abi::RegionMapping dataplane_ =
        abi::RegionMapping::map(duplicate(region_.fd()), abi::RegionSide::kDataplane).value();
    abi::DataplaneStatus* const status_ = &dataplane_.status_for_writing();
    std::uint64_t request_ = 0;
};

TEST_F(FlowCountingTest, AFewKeysTakeOneRound) {
    FlowCounting counting({key(1), key(3), key(1)});
    EXPECT_EQ(counting.next_round().size(), 2u);
    EXPECT_TRUE(counting.take(answer(counting, {0, 7, 0, 2})));
    EXPECT_EQ(counting.counts(), (FlowCounts{.counted = {{key(1), 14}, {key(3), 4}}}));
    EXPECT_TRUE(counting.next_round().empty());
}

TEST_F(FlowCountingTest, ManyKeysTakeSeveralRoundsButThoseThatNoFlowNames) {
    constexpr std::uint16_t kMany = 3 * abi::kMaxWatchedBackends;
    std::vector<std::uint32_t> keys;
    std::vector<std::uint16_t> flows;
    for (std::uint16_t index = 0; index < kMany; ++index) {
        keys.push_back(key(index));
        flows.push_back(index < 2 * abi::kMaxWatchedBackends ? 1 : 0);
    }
    FlowCounting counting(keys);
    int rounds = 0;
    while (!counting.next_round().empty()) {
        ASSERT_TRUE(counting.take(answer(counting, flows)));
        ++rounds;
    }
    EXPECT_EQ(rounds, 2);
    ASSERT_EQ(counting.counts().counted.size(), kMany);
    const auto total = std::accumulate(
        counting.counts().counted.begin(), counting.counts().counted.end(), std::uint64_t{0},
        [](std::uint64_t sum, const auto& counted) { return sum + counted.second; });
    EXPECT_EQ(total, 2u * 2 * abi::kMaxWatchedBackends);
}

TEST_F(FlowCountingTest, NothingIsTakenBeforeAllWorkersAreDone) {
    FlowCounting counting({key(1)});
    const Census census = answer(counting, {0, 7});
    status_->censuses[5].begin(census.request, 1);
    EXPECT_FALSE(counting.take(census));
    EXPECT_EQ(counting.counts(), FlowCounts());
    EXPECT_EQ(counting.next_round().size(), 1u);
}

TEST_F(FlowCountingTest, OfARoundThatTakesTooLongWhatItHasFoundIsTaken) {
    FlowCounting counting({key(1), key(2)});
    const Census census = answer(counting, {0, 7, 0});
    abi::FlowCensus& slow = status_->censuses[5];
    slow.begin(census.request, 1);
    slow.watched[0].set(2);
    counting.take_unfinished(census);
    EXPECT_EQ(counting.counts(), (FlowCounts{.at_least = {{key(1), 9}, {key(2), 0}}}));
    slow.begin(census.request - 1, 1);
    counting.take_unfinished(census);
    EXPECT_EQ(counting.counts().at_least.at(key(1)), 7u) << "the worker has not begun";
}

}  // namespace
}  // namespace vipfwd::table
