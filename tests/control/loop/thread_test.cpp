// SPDX-License-Identifier: Apache-2.0
#include "control/loop/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <array>
#include <csignal>
#include <string>

namespace vipfwd {
namespace {

TEST(StartThread, TheThreadHasItsNameAndNoRealTimePriority) {
    std::string name;
    int policy = -1;
    std::thread thread = start_thread("a-name", [&] {
        std::array<char, 16> read{};
        pthread_getname_np(pthread_self(), read.data(), read.size());
        name = read.data();
        policy = sched_getscheduler(0);
    });
    thread.join();
    EXPECT_EQ(name, "a-name");
    EXPECT_EQ(policy, SCHED_OTHER);
}

TEST(StartThread, TheThreadTakesNoSignals) {
    bool is_blocked = false;
    std::thread thread = start_thread("test", [&] {
        sigset_t blocked;
        pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
        is_blocked = sigismember(&blocked, SIGTERM) == 1 && sigismember(&blocked, SIGHUP) == 1;
    });
    thread.join();
    EXPECT_TRUE(is_blocked);
    sigset_t own;
    pthread_sigmask(SIG_BLOCK, nullptr, &own);
    EXPECT_EQ(sigismember(&own, SIGTERM), 0) << "the caller still takes them";
}

}  // namespace
}  // namespace vipfwd
