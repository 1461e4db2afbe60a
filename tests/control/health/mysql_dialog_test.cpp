// SPDX-License-Identifier: Apache-2.0
#include "control/health/mysql_dialog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/health/mysql_login.h"
#include "tests/control/health/feed_dialog.h"
#include "tests/control/health/mysql_answers.h"
#include "tests/control/health/probe_fixture.h"

namespace vipfwd::health {
namespace {

using test::mysql_error;
using test::mysql_greeting;
using test::mysql_ok;
using test::mysql_rows;
using test::mysql_switch;

constexpr std::string_view kQuit("\x01\0\0\0\x01", 5);

class MysqlDialogTest : public ::testing::Test {
  protected:
    MysqlDialogTest() {
        check_.type = config::CheckType::kMysql;
        check_.user = "vipfwd";
        check_.password = "secret";
        check_.timeout_ms = 500;
    }

    // Gives the answers in pieces of so many bytes; the server then closes the connection. Replies
    // are collected.
    std::string talk(const std::vector<std::string>& answers,
                     std::size_t piece_bytes = test::kOnePiece,
                     DialogEnd end = DialogEnd::kClosed) {
        MysqlDialog dialog(check_);
        replies_ = dialog.begin();
        for (const std::string& answer : answers) {
            if (const auto result = test::feed(dialog, answer, piece_bytes, replies_))
                return text_of(*result);
        }
        const auto result = dialog.judge_end(end);
        return result ? text_of(*result) : "unknown";
    }

    config::Check check_;
    std::string replies_;
};

TEST_F(MysqlDialogTest, ASyncedNodeIsGoodInPiecesOfAnySize) {
    for (const std::size_t piece_bytes : {1u, 7u, 100'000u}) {
        EXPECT_EQ(talk({mysql_greeting(), mysql_ok(2), mysql_rows(test::kSyncedStatus),
                        mysql_rows(test::kSyncedVariables)},
                       piece_bytes),
                  "good");
        EXPECT_TRUE(replies_.ends_with(kQuit)) << "or the server logs an aborted connection";
        EXPECT_NE(replies_.find("vipfwd"), std::string::npos);
        EXPECT_EQ(replies_.find("secret"), std::string::npos);
        EXPECT_NE(replies_.find(*prove_mysql_password("secret", test::kMysqlChallenge)),
                  std::string::npos);
    }
}

TEST_F(MysqlDialogTest, AFaultOfTheStateFailsAndTheConnectionEndsWell) {
    test::MysqlRows donor = test::kSyncedStatus;
    donor[0].second = "2";
    EXPECT_EQ(talk({mysql_greeting(), mysql_ok(2), mysql_rows(donor),
                    mysql_rows(test::kSyncedVariables)}),
              "failed: wsrep_local_state is 2 (Donor/Desynced)");
    EXPECT_TRUE(replies_.ends_with(kQuit));
}

TEST_F(MysqlDialogTest, AServerThatDoesNotCloseAfterTheResultChangesNothing) {
    EXPECT_EQ(talk({mysql_greeting(), mysql_ok(2), mysql_rows({}),
                    mysql_rows({{"read_only", "OFF"}}), "and more"},
                   9, DialogEnd::kTimeout),
              "good");
}

TEST_F(MysqlDialogTest, AnErrorOfTheServerIsQuoted) {
    const std::string text = "failed: error 1040: Too many connections";
    const std::string early = mysql_packet(0, "\xff\x10\x04Too many connections");
    EXPECT_EQ(talk({early}), text) << "there is no SQLSTATE before the login";
    EXPECT_EQ(talk({mysql_greeting(), mysql_error(2, "Too many connections")}), text);
    EXPECT_EQ(talk({mysql_greeting(), mysql_ok(2), mysql_error(1, "Too many connections")}), text);
}

TEST_F(MysqlDialogTest, AnotherChallengeIsAnswered) {
    const std::string challenge = "jihgfedcba9876543210";
    EXPECT_EQ(talk({mysql_greeting(), mysql_switch(2, "mysql_native_password", challenge),
                    mysql_ok(4), mysql_rows({}), mysql_rows({{"read_only", "OFF"}})}),
              "good");
    EXPECT_NE(replies_.find(*prove_mysql_password("secret", challenge)), std::string::npos);
}

TEST_F(MysqlDialogTest, APluginThatWantsThePasswordItselfGetsNothing) {
    EXPECT_EQ(talk({mysql_greeting(), mysql_switch(2, "mysql_clear_password", "")}),
              "failed: user 'vipfwd' logs in by 'mysql_clear_password'; only mysql_native_password "
              "is supported");
    EXPECT_EQ(replies_.find("secret"), std::string::npos);
}

TEST_F(MysqlDialogTest, AFileOfTheClientIsNotGivenAway) {
    EXPECT_EQ(talk({mysql_greeting(), mysql_ok(2), mysql_packet(1, "\xfb/etc/shadow")}),
              "failed: answer is not MySQL: '\\xfb/etc/shadow'");
}

TEST_F(MysqlDialogTest, AnotherProtocolIsNoMysql) {
    EXPECT_EQ(talk({"HTTP/1.1 400 Bad Request\r\n"}),
              "failed: answer is not MySQL: 'HTTP/1.1 400 Bad Request\\x0d\\x0a'");
    EXPECT_EQ(talk({"SSH-2.0"}), "failed: answer is not MySQL: 'SSH-2.0'");
    EXPECT_EQ(talk({mysql_packet(0, "")}), "failed: answer is not MySQL: ''");
    EXPECT_EQ(talk({mysql_greeting(), mysql_ok(9)}).substr(0, 27), "failed: answer is not MySQL");
}

TEST_F(MysqlDialogTest, AConnectionThatEndsTellsHowFarItWent) {
    EXPECT_EQ(talk({}), "failed: connection closed before the greeting");
    EXPECT_EQ(talk({mysql_greeting()}), "failed: connection closed before the answer to the login");
    EXPECT_EQ(talk({mysql_greeting(), mysql_ok(2)}, 100, DialogEnd::kTimeout),
              "failed: no answer to the query within 500 ms");
    EXPECT_EQ(talk({}, 100, DialogEnd::kTimeout), "unknown");
    EXPECT_EQ(talk({mysql_greeting(), mysql_ok(2), mysql_rows({}).substr(0, 20)}, 100,
                   DialogEnd::kTooLong),
              "failed: answer to the query is longer than 64 KiB");
}

}  // namespace
}  // namespace vipfwd::health
