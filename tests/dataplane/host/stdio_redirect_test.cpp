// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/stdio_redirect.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

namespace vipfwd::host {
namespace {

TEST(StdioRedirect, CapturesWhatIsPrinted) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    std::string kept;
    std::fputs("before\n", stderr);
    {
        const StdioRedirect redirect;
        std::fputs("to stdout\n", stdout);
        std::fflush(stdout);
        std::fputs("to stderr\n", stderr);
        EXPECT_EQ(write(STDERR_FILENO, "raw\n", 4), 4);
        kept = redirect.text();
    }
    std::fputs("after\n", stderr);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "before\nafter\n");
    EXPECT_EQ(kept, "to stdout\nto stderr\nraw\n");
}

TEST(FailureCause, IsTheLastLineThatIsNotGeneric) {
    EXPECT_EQ(failure_cause("EAL: first\nEAL: Cannot open it\nEAL: Bus (vdev) probe failed.\n"),
              "Cannot open it");
    EXPECT_EQ(failure_cause("no newline"), "no newline");
    EXPECT_EQ(failure_cause(""), "");
}

TEST(FailureCause, HasNoPrefix) {
    EXPECT_EQ(failure_cause("xsk_configure(): Failed to create xsk socket.\n"),
              "Failed to create xsk socket.");
    EXPECT_EQ(failure_cause("EAL: FATAL: Cannot allocate memory\n"), "Cannot allocate memory");
    EXPECT_EQ(failure_cause("a colon: is not a prefix\n"), "a colon: is not a prefix");
}

TEST(FailureCause, PrefersTheMessageOfTheKernel) {
    EXPECT_EQ(failure_cause("libbpf: Kernel error message: veth: too few queues\n"
                            "load_custom_xdp_prog(): Failed to set prog fd 9 on interface\n"),
              "veth: too few queues");
}

}  // namespace
}  // namespace vipfwd::host
