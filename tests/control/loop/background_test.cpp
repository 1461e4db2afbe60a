// SPDX-License-Identifier: Apache-2.0
#include "control/loop/background.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

namespace vipfwd {
namespace {

using Priority = Background::Priority;

TEST(Background, WorkRunsBesideTheLoopAndItsEndOnIt) {
    Loop loop;
    Background background(loop, "test", Priority::kNormal);
    const auto here = std::this_thread::get_id();
    std::thread::id worked_on;
    std::thread::id done_on;
    background.run([&] { worked_on = std::this_thread::get_id(); },
                   [&] {
                       done_on = std::this_thread::get_id();
                       loop.stop();
                   });
    loop.run();
    EXPECT_NE(worked_on, here);
    EXPECT_EQ(done_on, here);
}

TEST(Background, WorkRunsInTheOrderInWhichItWasPassed) {
    Loop loop;
    Background background(loop, "test", Priority::kNormal);
    std::vector<int> order;
    for (int i = 0; i < 5; ++i) {
        background.run([&order, i] { order.push_back(i); },
                       [&loop, i] {
                           if (i == 4)
                               loop.stop();
                       });
    }
    loop.run();
    EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
}

TEST(Background, TheLoopGoesOnMeanwhile) {
    Loop loop;
    Background background(loop, "test", Priority::kNormal);
    std::atomic<bool> released = false;
    background.run(
        [&] {
            while (!released)
                std::this_thread::yield();
        },
        [&] { loop.stop(); });
    Timer release(loop, [&] { released = true; });
    release.fire_after(1);
    loop.run();
    EXPECT_TRUE(released);
}

TEST(Background, ItsEndWaitsForTheWorkThatRunsAndForgetsTheRest) {
    Loop loop;
    std::atomic<bool> started = false;
    std::atomic<bool> ended = false;
    bool forgotten = true;
    {
        Background background(loop, "test", Priority::kNormal);
        background.run(
            [&] {
                started = true;
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                ended = true;
            },
            [&] { forgotten = false; });
        background.run([&] { forgotten = false; }, [] {});
        while (!started)
            std::this_thread::yield();
    }
    EXPECT_TRUE(ended);
    EXPECT_TRUE(forgotten);
}

TEST(Background, BatchWorkYieldsToOtherThreads) {
    Loop loop;
    Background background(loop, "test", Priority::kBatch);
    int policy = -1;
    int nice = -1;
    background.run(
        [&] {
            policy = sched_getscheduler(0);
            nice = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
        },
        [&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(policy, SCHED_BATCH);
    EXPECT_GT(nice, getpriority(PRIO_PROCESS, 0));
}

TEST(Background, ItsThreadLeavesSignalsToTheLoop) {
    Loop loop;
    Background background(loop, "test", Priority::kNormal);
    bool is_blocked = false;
    background.run(
        [&] {
            sigset_t blocked;
            pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
            is_blocked = sigismember(&blocked, SIGTERM) == 1;
        },
        [&] { loop.stop(); });
    loop.run();
    EXPECT_TRUE(is_blocked);
}

}  // namespace
}  // namespace vipfwd
