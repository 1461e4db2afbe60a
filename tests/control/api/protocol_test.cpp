// SPDX-License-Identifier: Apache-2.0
#include "control/api/protocol.h"

#include <gtest/gtest.h>

#include "control/api/line_buffer.h"
#include "tests/sanitized.h"

namespace vipfwd::api {
namespace {

TEST(Protocol, ARequestHasACommandAndPerhapsArguments) {
    const auto full =
        parse_request(R"({"command": "show backends", "arguments": {"pool": "web"}})");
    ASSERT_TRUE(full) << full.error().message;
    EXPECT_EQ(full->command, "show backends");
    EXPECT_EQ(full->arguments["pool"], "web");
    const auto bare = parse_request(R"({"command": "show status"})");
    ASSERT_TRUE(bare);
    EXPECT_TRUE(bare->arguments.is_object() && bare->arguments.empty());
}

TEST(Protocol, WhatIsNoRequestIsAnError) {
    for (const char* line :
         {"", "garbage", "{", "[]", "null", "7", R"("show status")", "{}", R"({"command": 7})",
          R"({"command": "x", "arguments": []})", R"({"command": "x", "arguments": null})",
          "{\"command\": \"\xff\"}", R"({"command": "x"} trailing)"})
        EXPECT_FALSE(parse_request(line)) << line;
}

TEST(Protocol, DeeplyNestedInputDoesNoHarm) {
    const std::string deep(test::kSanitized ? 50'000 : 200'000, '[');
    EXPECT_FALSE(parse_request(deep));
    EXPECT_FALSE(parse_request(deep + std::string(deep.size(), ']')));
    EXPECT_TRUE(parse_request("{\"command\": \"x\", \"arguments\": {\"y\": " + deep +
                              std::string(deep.size(), ']') + "}}"));
}

TEST(Protocol, AnAnswerIsOneLine) {
    EXPECT_EQ(to_line(Response::accept({{"a", 1}})), "{\"ok\":true,\"result\":{\"a\":1}}\n");
    EXPECT_EQ(to_line(Response::reject("no\nway", {"one", "two"})),
              "{\"ok\":false,\"error\":\"no\\nway\",\"details\":[\"one\",\"two\"]}\n");
}

TEST(Protocol, WhatIsNotUtf8IsReplaced) {
    EXPECT_EQ(to_line(Response::accept("a\xff")), "{\"ok\":true,\"result\":\"a\xef\xbf\xbd\"}\n");
}

TEST(LineBuffer, LinesComeOutHoweverTheBytesCameIn) {
    LineBuffer buffer(100);
    std::vector<std::string> lines;
    for (const char c : std::string("one\n\ntwo\nrest")) {
        buffer.append({&c, 1});
        while (auto line = buffer.take_line())
            lines.push_back(*line);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "", "two"}));
    buffer.append("\nthree\nfour\n");
    EXPECT_EQ(buffer.take_line(), "rest");
    EXPECT_EQ(buffer.take_line(), "three");
    buffer.append("five");
    EXPECT_EQ(buffer.take_line(), "four");
    EXPECT_FALSE(buffer.has_line());
    EXPECT_EQ(buffer.take_line(), std::nullopt);
}

TEST(LineBuffer, TheLimitIsOnOneLineNotOnAll) {
    LineBuffer buffer(4);
    buffer.append("1234\n1234\n1234\n");
    EXPECT_FALSE(buffer.overlong());
    buffer.append("12345");
    EXPECT_FALSE(buffer.overlong()) << "the first line is not";
    for (int i = 0; i < 3; ++i)
        buffer.take_line();
    EXPECT_TRUE(buffer.overlong());
    buffer.append("\n");
    EXPECT_TRUE(buffer.overlong()) << "complete or not";
}

}  // namespace
}  // namespace vipfwd::api
