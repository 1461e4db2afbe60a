// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/quiet.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

namespace vipfwd::io {
namespace {

TEST(Quiet, KeepsWhatIsPrintedFromTheTerminal) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    std::string kept;
    std::fputs("before\n", stderr);
    {
        const Quiet quiet;
        std::fputs("to stdout\n", stdout);
        std::fflush(stdout);
        std::fputs("to stderr\n", stderr);
        EXPECT_EQ(write(STDERR_FILENO, "raw\n", 4), 4);
        kept = quiet.text();
    }
    std::fputs("after\n", stderr);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "before\nafter\n");
    EXPECT_EQ(kept, "to stdout\nto stderr\nraw\n");
}

TEST(Explanation, IsTheLastLineThatSaysSomething) {
    EXPECT_EQ(explanation("EAL: first\nEAL: Cannot open it\nEAL: Bus (vdev) probe failed.\n"),
              "Cannot open it");
    EXPECT_EQ(explanation("no newline"), "no newline");
    EXPECT_EQ(explanation(""), "");
}

TEST(Explanation, LosesPrefixes) {
    EXPECT_EQ(explanation("xsk_configure(): Failed to create xsk socket.\n"),
              "Failed to create xsk socket.");
    EXPECT_EQ(explanation("EAL: FATAL: Cannot allocate memory\n"), "Cannot allocate memory");
    EXPECT_EQ(explanation("a colon: is not a prefix\n"), "a colon: is not a prefix");
}

TEST(Explanation, PrefersWhatTheKernelSays) {
    EXPECT_EQ(explanation("libbpf: Kernel error message: veth: too few queues\n"
                          "load_custom_xdp_prog(): Failed to set prog fd 9 on interface\n"),
              "veth: too few queues");
}

}  // namespace
}  // namespace vipfwd::io
