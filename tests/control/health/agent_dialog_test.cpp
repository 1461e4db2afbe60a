// SPDX-License-Identifier: Apache-2.0
#include "control/health/agent_dialog.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/control/health/feed_dialog.h"
#include "tests/control/health/probe_fixture.h"

namespace vipfwd::health {
namespace {

// "good, drain", or why it is not. The agent sends this in pieces of so many bytes, and then no
// more.
std::string judge_line(std::string_view answer, std::size_t piece_bytes = test::kOnePiece,
                       DialogEnd end = DialogEnd::kClosed) {
    const auto text = [](const ProbeResult& result) {
        return text_of(result) +
               (result.agent ? ", " + std::string(name(result.agent->state)) : "");
    };
    AgentDialog dialog;
    EXPECT_EQ(dialog.begin(), "");
    const auto result = test::judge_whole(dialog, answer, piece_bytes, end);
    return result ? text(*result) : "unknown";
}

TEST(AgentDialog, ALineEndsByEitherCharacterOrTheConnection) {
    for (const std::size_t piece_bytes : {1u, 3u, 100'000u}) {
        EXPECT_EQ(judge_line("drain\n", piece_bytes), "good, drain");
        EXPECT_EQ(judge_line("drain\r\nmaint\r\n", piece_bytes), "good, drain");
        EXPECT_EQ(judge_line("drain", piece_bytes), "good, drain");
    }
}

TEST(AgentDialog, ALineMustEnd) {
    EXPECT_EQ(judge_line("", 1, DialogEnd::kTimeout), "unknown");
    EXPECT_EQ(judge_line("drain", 1, DialogEnd::kTimeout),
              "failed: the agent's answer has no end of line: 'drain'");
    const std::string longest(AgentDialog::kMaxLineBytes - 5, ' ');
    EXPECT_EQ(judge_line(longest + "drain\n", 100), "good, drain");
    for (const std::size_t piece_bytes : {1u, 100'000u})
        EXPECT_EQ(judge_line(longest + " drain\n", piece_bytes),
                  "failed: the agent's answer has no end of line in its first 1024 bytes");
}

TEST(AgentDialog, AnAnswerMustBeUnderstood) {
    EXPECT_EQ(judge_line("\n"), "failed: the agent's answer is empty");
    EXPECT_EQ(judge_line("SSH-2.0-OpenSSH\r\n"),
              "failed: the agent's answer is not understood: 'SSH-2.0-OpenSSH'");
}

}  // namespace
}  // namespace vipfwd::health
