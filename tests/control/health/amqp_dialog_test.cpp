// SPDX-License-Identifier: Apache-2.0
#include "control/health/amqp_dialog.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/control/health/amqp_start.h"
#include "tests/control/health/feed_dialog.h"
#include "tests/control/health/probe_fixture.h"

namespace vipfwd::health {
namespace {

using namespace std::string_view_literals;

// The server sends this in pieces of so many bytes, and then no more.
std::string judge(std::string_view answer, std::size_t piece_bytes = test::kOnePiece,
                  DialogEnd end = DialogEnd::kClosed) {
    AmqpDialog dialog;
    EXPECT_EQ(dialog.begin(), "AMQP\0\0\x09\x01"sv);
    const auto result = test::judge_whole(dialog, answer, piece_bytes, end);
    return result ? text_of(*result) : "unknown";
}

TEST(AmqpDialog, AStartIsGoodInPiecesOfAnySize) {
    for (const std::size_t piece_bytes : {1u, 5u, 100'000u})
        EXPECT_EQ(judge(test::amqp_start(), piece_bytes), "good");
}

TEST(AmqpDialog, AServerOfAnotherVersionIsNamed) {
    EXPECT_EQ(judge("AMQP\x00\x01\x00\x00"sv, 3),
              "failed: the server wants protocol AMQP 1-0-0, not 0-9-1");
}

TEST(AmqpDialog, AnotherProtocolIsQuoted) {
    EXPECT_EQ(judge("HTTP/1.1 400 Bad Request\r\n"),
              "failed: answer is not AMQP: 'HTTP/1.1 400 Bad Request\\x0d\\x0a'");
    EXPECT_EQ(judge("A+"), "failed: answer is not AMQP: 'A+'");
}

TEST(AmqpDialog, EveryPartOfAStartMustFit) {
    const std::string start = test::amqp_start();
    EXPECT_EQ(judge(start.substr(0, start.size() - 1) + "x"),
              "failed: answer is not a well-formed Connection.Start");
    for (std::size_t at = 7; at < 17; ++at) {  // class, method, version, length of the properties
        std::string other = start;
        other[at] = static_cast<char>(other[at] ^ 0x40);
        EXPECT_EQ(judge(other), "failed: answer is not a well-formed Connection.Start") << at;
    }
    EXPECT_EQ(judge("\x01\x00\x00\x7f\xff\xff\xff"sv),
              "failed: answer is a frame of 2147483647 bytes, not Connection.Start");
}

TEST(AmqpDialog, AnAnswerThatEndsEarlyFails) {
    const std::string half = test::amqp_start().substr(0, 20);
    EXPECT_EQ(judge(""), "failed: connection closed before Connection.Start");
    EXPECT_EQ(judge(half), "failed: connection closed in the middle of Connection.Start");
    EXPECT_EQ(judge(half, 1, DialogEnd::kTimeout),
              "failed: answer is not complete: the rest of Connection.Start is missing");
    EXPECT_EQ(judge("", 1, DialogEnd::kTimeout), "unknown");
}

}  // namespace
}  // namespace vipfwd::health
