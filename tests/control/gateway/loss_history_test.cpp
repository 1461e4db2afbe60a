// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/loss_history.h"

#include <gtest/gtest.h>

#include <memory>

namespace vipfwd::gateway {
namespace {

class LossHistoryTest : public testing::Test {
  protected:
    void sample_with(std::uint64_t received) {
        status_->workers[0].counters.received_packets.set(received);
        history_.sample(status_.get());
    }

    std::unique_ptr<abi::DataplaneStatus> status_ = std::make_unique<abi::DataplaneStatus>();
    LossHistory history_;
};

TEST_F(LossHistoryTest, KnowsTheFirstSampleUntilItIsTenSecondsOld) {
    EXPECT_EQ(history_.before(), nullptr);
    for (std::uint64_t second = 0; second <= 25; ++second) {
        sample_with(second);
        ASSERT_NE(history_.before(), nullptr);
        EXPECT_EQ(history_.before()->received, second < 10 ? 0 : second - 10);
    }
}

TEST_F(LossHistoryTest, BeginsAgainWithAnotherRegion) {
    for (std::uint64_t second = 0; second < 5; ++second)
        sample_with(second);
    history_.sample(nullptr);
    EXPECT_EQ(history_.before(), nullptr);
    sample_with(77);
    EXPECT_EQ(history_.before()->received, 77u);
}

}  // namespace
}  // namespace vipfwd::gateway
