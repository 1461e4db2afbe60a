// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/flow_counter.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "dataplane/abi/mapping.h"
#include "tests/control/gateway/fake_dataplane.h"
#include "tests/control/table/publish_fixture.h"
#include "tests/control/table/sample.h"

namespace vipfwd::gateway {
namespace {

using table::FlowCounts;

// The worker is the test.
class FlowCounterTest : public ::testing::Test {
  protected:
    void SetUp() override {
        const Result<int> region = publishing_.provide_region({}, table::sample::config());
        ASSERT_TRUE(region);
        region_.emplace(
            abi::RegionMapping::map(table::duplicate(*region), abi::RegionSide::kDataplane)
                .value());
        region_->status_for_writing().workers[0].heartbeat_ns.store(1);
    }
    void count(const std::vector<std::uint32_t>& keys) {
        counter_.count(keys, [this](const FlowCounts& counts) { counts_ = counts; });
        EXPECT_FALSE(counts_) << "it does not answer at once";
    }
    std::uint64_t request() const { return region_->control().census_request.load(); }
    // So many flows of each key that is asked for.
    void begin(std::uint64_t flows) {
        census().begin(request(), 1);
        for (std::uint64_t i = 0; i < region_->control().watched.count.load(); ++i) {
            const auto key = static_cast<std::uint32_t>(region_->control().watched.keys[i].load());
            census().mark(static_cast<std::uint8_t>(key >> 16), static_cast<std::uint16_t>(key));
            census().watched[i].set(flows);
        }
    }
    abi::FlowCensus& census() { return region_->status_for_writing().censuses[0]; }
    bool is_answered() {
        return run_until(loop_, [this] { return counts_.has_value(); });
    }

    Loop loop_;
    Publishing publishing_;
    std::optional<abi::RegionMapping> region_;
    bool runs_ = true;
    FlowCounter counter_{loop_, publishing_, [this] { return runs_; }};
    std::optional<FlowCounts> counts_;
};

TEST_F(FlowCounterTest, AnswersWhatTheWorkersHaveCounted) {
    count({7});
    ASSERT_TRUE(run_until(loop_, [this] { return request() == 1; }));
    begin(12);
    census().finish();
    ASSERT_TRUE(is_answered());
    EXPECT_EQ(*counts_, (FlowCounts{.counted = {{7, 12}}}));
}

TEST_F(FlowCounterTest, WithoutWorkersNothingIsCounted) {
    runs_ = false;
    count({7});
    ASSERT_TRUE(is_answered());
    EXPECT_EQ(*counts_, FlowCounts());
    EXPECT_EQ(request(), 0u);
}

TEST_F(FlowCounterTest, WorkersThatStopAreNotAwaited) {
    count({7});
    ASSERT_TRUE(run_until(loop_, [this] { return request() == 1; }));
    runs_ = false;
    ASSERT_TRUE(is_answered());
    EXPECT_EQ(*counts_, FlowCounts());
}

TEST_F(FlowCounterTest, OfSlowWorkersItTakesWhatTheyHaveFoundSoFar) {
    count({7});
    ASSERT_TRUE(run_until(loop_, [this] { return request() == 1; }));
    begin(3);
    ASSERT_TRUE(is_answered());
    EXPECT_EQ(*counts_, (FlowCounts{.at_least = {{7, 3}}}));
}

}  // namespace
}  // namespace vipfwd::gateway
