// SPDX-License-Identifier: Apache-2.0
#include "control/health/text_dialog.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/control/health/probe_fixture.h"

namespace vipfwd::health {
namespace {

config::Check check(config::CheckType type, const std::string& send, const std::string& receive) {
    config::Check made{.type = type};
    made.send = send;
    made.receive = receive;
    return made;
}

TEST(TextDialog, WaitsForTheTextAcrossPieces) {
    const config::Check wanted = check(config::CheckType::kTcp, "PING", "PONG");
    TextDialog dialog(wanted);
    std::string reply;
    EXPECT_EQ(dialog.begin(), "PING");
    EXPECT_FALSE(dialog.judge_sent());
    EXPECT_FALSE(dialog.judge_end(DialogEnd::kTimeout)) << "nothing has come";
    EXPECT_FALSE(dialog.receive("+PO", reply));
    EXPECT_EQ(text_of(*dialog.judge_end(DialogEnd::kTimeout)),
              "failed: answer does not contain 'PONG' within 500 ms: '+PO'");
    EXPECT_EQ(text_of(*dialog.receive("NG", reply)), "good");
    EXPECT_EQ(reply, "");
}

TEST(TextDialog, WithoutATextToWaitForTcpIsDoneAndUdpWaitsForRefusal) {
    const config::Check tcp = check(config::CheckType::kTcp, "HI", "");
    EXPECT_EQ(text_of(*TextDialog(tcp).judge_sent()), "good");
    const config::Check udp = check(config::CheckType::kUdp, "HI", "");
    EXPECT_FALSE(TextDialog(udp).judge_sent());
    EXPECT_EQ(text_of(*TextDialog(udp).judge_end(DialogEnd::kTimeout)), "good");
}

}  // namespace
}  // namespace vipfwd::health
