// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/workers_watch.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace vipfwd::gateway {
namespace {

constexpr std::int64_t kPulse = 50'000'000;
constexpr std::uint32_t kPid = 4711;
constexpr auto kStuck = static_cast<std::int64_t>(abi::kStuckWorker_ns);

abi::DataplaneStatus status;  // large

class WorkersWatchTest : public testing::Test {
  protected:
    WorkersWatchTest() {
        status.pid.store(kPid);
        status.booted.worker_count = 2;
        for (std::size_t worker : {0, 1})
            status.workers[worker].generation.store(1);
        beat(0);
        beat(1);
    }

    void beat(std::size_t worker) {
        status.workers[worker].heartbeat_ns.store(static_cast<std::uint64_t>(now_));
    }
    bool all_work() { return watch_.all_work(status, kPid, now_); }
    // How long it takes until one that does nothing any more, while the other does, is found out.
    std::int64_t until_found_out() {
        const std::int64_t began = now_;
        while (all_work() && now_ < began + 10 * kStuck) {
            now_ += kPulse;
            beat(1);
        }
        return now_ - began;
    }

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
    status.workers[1].generation.store(0);
    EXPECT_FALSE(all_work());
}

TEST_F(WorkersWatchTest, APredecessorsWorkersAreNotTheNextDataplanes) {
    EXPECT_TRUE(all_work());
    now_ += 2 * kStuck;  // nobody was there to be watched
    const std::uint32_t next = kPid + 1;
    EXPECT_FALSE(watch_.all_work(status, next, now_));
    status.pid.store(next);
    EXPECT_TRUE(watch_.all_work(status, next, now_));
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
