// SPDX-License-Identifier: Apache-2.0
#include "control/loop/background.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "tests/privilege.h"

namespace vipfwd {
namespace {

using Priority = Background::Priority;

TEST(Background, WorkRunsBesideTheLoopAndItsEndOnIt) {
    Loop loop;
    Background background(loop, "test");
    const auto here = std::this_thread::get_id();
    std::thread::id worked_on;
    std::thread::id done_on;
    background.run(
        Priority::kNormal, [&] { worked_on = std::this_thread::get_id(); },
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
    Background background(loop, "test");
    std::vector<int> order;
    for (int i = 0; i < 5; ++i) {
        background.run(
            Priority::kNormal, [&order, i] { order.push_back(i); },
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
    Background background(loop, "test");
    std::atomic<bool> released = false;
    background.run(
        Priority::kNormal,
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
        Background background(loop, "test");
        background.run(
            Priority::kNormal,
            [&] {
                started = true;
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                ended = true;
            },
            [&] { forgotten = false; });
        background.run(
            Priority::kNormal, [&] { forgotten = false; }, [] {});
        while (!started)
            std::this_thread::yield();
    }
    EXPECT_TRUE(ended);
    EXPECT_TRUE(forgotten);
}

int policy_of(pid_t thread) {
    return sched_getscheduler(thread);
}

TEST(Background, NormalWorkHasNormalPriorityEvenBesideARealTimeLoop) {
    const sched_param real_time{.sched_priority = 1};
    const bool is_real_time =
        pthread_setschedparam(pthread_self(), SCHED_RR, &real_time) == 0;  // needs privilege
    Loop loop;
    Background background(loop, "test");
    int policy = -1;
    background.run(
        Priority::kNormal, [&] { policy = policy_of(0); }, [&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(policy, SCHED_OTHER) << is_real_time;
    const sched_param none{};
    pthread_setschedparam(pthread_self(), SCHED_OTHER, &none);
}

TEST(Background, YieldingWorkGetsItsShareAfterAWhile) {
    VIPFWD_REQUIRE_ROOT();
    Loop loop;
    Background background(loop, "test");
    std::atomic<pid_t> thread = 0;
    std::atomic<bool> released = false;
    background.run(
        Priority::kYielding,
        [&] {
            thread = gettid();
            while (!released)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
        },
        [&] { loop.stop(); });
    while (thread == 0)
        std::this_thread::yield();
    EXPECT_EQ(policy_of(thread), SCHED_IDLE);
    Timer look(loop, [&] { released = policy_of(thread) == SCHED_OTHER; });
    look.fire_every(10);
    loop.run();
    EXPECT_TRUE(released);
    int next = -1;
    background.run(
        Priority::kYielding, [&] { next = policy_of(0); }, [&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(next, SCHED_IDLE);
}

TEST(Background, ItsThreadLeavesSignalsToTheLoop) {
    Loop loop;
    Background background(loop, "test");
    bool is_blocked = false;
    background.run(
        Priority::kNormal,
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
