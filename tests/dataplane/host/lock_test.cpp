// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vipfwd::host {
namespace {

std::string own_name(const char* what) {
    return std::string("vipfwd-test-") + what + "-" + std::to_string(getpid());
}

TEST(Lock, OnlyOneHolderAtATime) {
    const auto first = take_lock(own_name("one"));
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->has_value());
    const auto second = take_lock(own_name("one"));
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->has_value());
    EXPECT_TRUE(take_lock(own_name("other"))->has_value());
}

TEST(Lock, ItIsFreeAfterItsHolderReleasesIt) {
    { const auto held = take_lock(own_name("free")); }
    EXPECT_TRUE(take_lock(own_name("free"))->has_value());
}

TEST(Lock, ItIsFreeAfterItsProcessIsKilled) {
    const std::string name = own_name("killed");
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        const auto held = take_lock(name);
        (void)!write(ready[1], "x", 1);
        pause();
    }
    char byte;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    EXPECT_TRUE(take_lock(name)->has_value());
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
}

}  // namespace
}  // namespace vipfwd::host
