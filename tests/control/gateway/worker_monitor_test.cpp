// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/worker_monitor.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace vipfwd::gateway {
namespace {

constexpr std::int64_t kPulse = 50'000'000;
constexpr std::uint32_t kPid = 4711;
constexpr auto kStuck = static_cast<std::int64_t>(abi::kStuckWorker_ns);

abi::DataplaneStatus status;  // large

class WorkerMonitorTest : public testing::Test {
  protected:
    WorkerMonitorTest() {
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
    bool all_run() { return monitor_.observe(status, kPid, now_); }
    // How long it takes until one that does nothing any more, while the other does, is found out.
    std::int64_t until_detected() {
        const std::int64_t began = now_;
        while (all_run() && now_ < began + 10 * kStuck) {
            now_ += kPulse;
            beat(1);
        }
        return now_ - began;
    }

    std::int64_t now_ = 1'000 * kStuck;
    WorkerMonitor monitor_;
};

TEST_F(WorkerMonitorTest, AWorkerThatHangsIsDetected) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(all_run());
        now_ += kPulse;
        beat(0);
        beat(1);
    }
    EXPECT_EQ(until_detected(), kStuck + kPulse);
    beat(0);
    EXPECT_TRUE(all_run()) << "it works again";
}

TEST_F(WorkerMonitorTest, AWorkerWithoutTablesDoesNotCountAsRunning) {
    EXPECT_TRUE(all_run());
    status.workers[1].generation.store(0);
    EXPECT_FALSE(all_run());
}

TEST_F(WorkerMonitorTest, TheStatusOfAFormerDataplaneDoesNotCount) {
    EXPECT_TRUE(all_run());
    now_ += 2 * kStuck;  // nobody was there to be watched
    const std::uint32_t next = kPid + 1;
    EXPECT_FALSE(monitor_.observe(status, next, now_));
    status.pid.store(next);
    EXPECT_TRUE(monitor_.observe(status, next, now_));
}

TEST_F(WorkerMonitorTest, APauseOfControlIsNotBlamedOnTheWorkers) {
    ASSERT_TRUE(all_run());
    now_ += WorkerMonitor::kLongestPause_ns + 10 * kStuck;
    EXPECT_TRUE(all_run()) << "they slept too: the machine was frozen";
    EXPECT_EQ(until_detected(), kStuck + kPulse) << "but they have to wake up";
}

TEST_F(WorkerMonitorTest, TheFirstObservationJudgesNoHeartbeat) {
    now_ += 10 * kStuck;
    EXPECT_TRUE(all_run());
    EXPECT_EQ(until_detected(), kStuck + kPulse);
}

}  // namespace
}  // namespace vipfwd::gateway
