// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/poll_history.h"

#include <gtest/gtest.h>

#include <memory>

namespace vipfwd::gateway {
namespace {

class PollHistoryTest : public testing::Test {
  protected:
    void sample_with(std::uint64_t polls, std::uint64_t empty) {
        status_->workers[1].counters.polls.set(polls);
        status_->workers[1].counters.polls_empty.set(empty);
        history_.sample(status_.get());
    }

    std::unique_ptr<abi::DataplaneStatus> status_ = std::make_unique<abi::DataplaneStatus>();
    PollHistory history_;
};

TEST_F(PollHistoryTest, KnowsTheLastSampleButOne) {
    sample_with(100, 10);
    EXPECT_TRUE(history_.before().empty());
    sample_with(200, 20);
    ASSERT_EQ(history_.before().size(), abi::kMaxWorkers);
    EXPECT_EQ(history_.before()[1].all, 100u);
    EXPECT_EQ(history_.before()[1].empty, 10u);
    EXPECT_EQ(history_.before()[0].all, 0u);
    sample_with(300, 30);
    EXPECT_EQ(history_.before()[1].all, 200u);
}

TEST_F(PollHistoryTest, BeginsAgainWithAnotherRegion) {
    sample_with(100, 10);
    sample_with(200, 20);
    history_.sample(nullptr);
    EXPECT_TRUE(history_.before().empty());
    sample_with(1, 1);
    EXPECT_TRUE(history_.before().empty());
}

}  // namespace
}  // namespace vipfwd::gateway
