// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/stop_signal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vipfwd::host {
namespace {

// The exit code of a child that catches stop signals and then raises `number`: 1 if a stop is
// requested by it, 0 if not; -1 if the signal killed the child.
int outcome_of(int number) {
    const pid_t child = fork();
    if (child == 0) {
        catch_stop_signals();
        raise(number);
        _exit(stop_requested() ? 1 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StopSignal, TermIntAndHupRequestAStop) {
    EXPECT_EQ(outcome_of(SIGTERM), 1);
    EXPECT_EQ(outcome_of(SIGINT), 1);
    EXPECT_EQ(outcome_of(SIGHUP), 1);
    EXPECT_FALSE(stop_requested());
}

TEST(StopSignal, AClosedPipeDoesNotEndTheProcess) {
    EXPECT_EQ(outcome_of(SIGPIPE), 0);
}

TEST(StopSignal, OtherSignalsKeepTheirEffect) {
    EXPECT_EQ(outcome_of(SIGUSR1), -1);
}

}  // namespace
}  // namespace vipfwd::host
