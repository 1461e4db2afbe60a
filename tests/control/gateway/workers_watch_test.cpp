// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/workers_watch.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace vipfwd::gateway {
namespace {

constexpr std::int64_t kPulse = 50'000'000;
constexpr auto kStuck = static_cast<std::int64_t>(abi::kStuckWorker_ns);

class WorkersWatchTest : public testing::Test {
  protected:
    WorkersWatchTest() {
        for (abi::WorkerStatus& worker : workers_)
            worker.generation.store(1);
        beat(0);
        beat(1);
    }

    void beat(std::size_t worker) {
        workers_[worker].heartbeat_ns.store(static_cast<std::uint64_t>(now_));
    }
    bool all_work() { return watch_.all_work(workers_, now_); }
    // How long it takes until one that does nothing any more, while the other does, is found out.
    std::int64_t until_found_out() {
        const std::int64_t began = now_;
        while (all_work() && now_ < began + 10 * kStuck) {
            now_ += kPulse;
            beat(1);
        }
        return now_ - began;
    }

    std::array<abi::WorkerStatus, 2> workers_{};
    std::int64_t now_ = 1'000 * kStuck;
    WorkersWatch watch_;
};

TEST_F(WorkersWatchTest, OneThatHangsIsFoundOut) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(all_work());
        now_ += kPulse;
        beat(0);
        beat(1);
    }
    EXPECT_EQ(until_found_out(), kStuck + kPulse);
    beat(0);
    EXPECT_TRUE(all_work()) << "it works again";
}

TEST_F(WorkersWatchTest, OneWithoutTablesDoesNotWork) {
    EXPECT_TRUE(all_work());
    workers_[1].generation.store(0);
    EXPECT_FALSE(all_work());
}

TEST_F(WorkersWatchTest, WhoWasAsleepDoesNotBlameTheWorkers) {
    ASSERT_TRUE(all_work());
    now_ += WorkersWatch::kLongestPause_ns + 10 * kStuck;
    EXPECT_TRUE(all_work()) << "they slept too: the machine was frozen";
    EXPECT_EQ(until_found_out(), kStuck + kPulse) << "but they have to wake up";
}

TEST_F(WorkersWatchTest, AtFirstItHasSeenNothing) {
    now_ += 10 * kStuck;
    EXPECT_TRUE(all_work());
    EXPECT_EQ(until_found_out(), kStuck + kPulse);
}

}  // namespace
}  // namespace vipfwd::gateway
