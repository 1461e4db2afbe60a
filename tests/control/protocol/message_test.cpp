// SPDX-License-Identifier: Apache-2.0
#include "control/protocol/message.h"

#include <gtest/gtest.h>

#include "tests/sanitized.h"

namespace vipfwd::protocol {
namespace {

TEST(Request, HasACommandAndOptionalArguments) {
    const auto full =
        parse_request(R"({"command": "show backends", "arguments": {"pool": "web"}})");
    ASSERT_TRUE(full) << full.error().message;
    EXPECT_EQ(full->command, "show backends");
    EXPECT_EQ(full->arguments["pool"], "web");
    const auto bare = parse_request(R"({"command": "show status"})");
    ASSERT_TRUE(bare);
    EXPECT_TRUE(bare->arguments.is_object() && bare->arguments.empty());
}

TEST(Request, AnyOtherLineIsAnError) {
    for (const char* line :
         {"", "garbage", "{", "[]", "null", "7", R"("show status")", "{}", R"({"command": 7})",
          R"({"command": "x", "arguments": []})", R"({"command": "x", "arguments": null})",
          "{\"command\": \"\xff\"}", R"({"command": "x"} trailing)"})
        EXPECT_FALSE(parse_request(line)) << line;
}

TEST(Request, MayBeNestedDeeply) {
    const std::string deep(test::kSanitized ? 50'000 : 200'000, '[');
    EXPECT_FALSE(parse_request(deep));
    EXPECT_FALSE(parse_request(deep + std::string(deep.size(), ']')));
    EXPECT_TRUE(parse_request("{\"command\": \"x\", \"arguments\": {\"y\": " + deep +
                              std::string(deep.size(), ']') + "}}"));
}

TEST(Response, IsOneLine) {
    EXPECT_EQ(to_line(Response::accept({{"a", 1}})), "{\"ok\":true,\"result\":{\"a\":1}}\n");
    EXPECT_EQ(to_line(Response::reject("no\nway", {"one", "two"})),
              "{\"ok\":false,\"error\":\"no\\nway\",\"details\":[\"one\",\"two\"]}\n");
}

TEST(Response, MayHaveItsResultAsTextAlready) {
    EXPECT_EQ(to_line(Response::accept_text(R"({"a":1})")), to_line(Response::accept({{"a", 1}})));
}

TEST(Response, HasInvalidUtf8Replaced) {
    EXPECT_EQ(to_line(Response::accept("a\xff")), "{\"ok\":true,\"result\":\"a\xef\xbf\xbd\"}\n");
}

TEST(Request, IsParsedAsItWasWritten) {
    const auto request = parse_request(to_line(Request{"show backends", {{"pool", "a\nb"}}}));
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->command, "show backends");
    EXPECT_EQ(request->arguments, Json({{"pool", "a\nb"}}));
}

TEST(Response, IsParsedAsItWasWritten) {
    const auto accepted = parse_response(to_line(Response::accept({{"a", 1}})));
    ASSERT_TRUE(accepted) << accepted.error().message;
    EXPECT_TRUE(accepted->ok);
    EXPECT_EQ(accepted->result, Json({{"a", 1}}));
    const auto rejected = parse_response(to_line(Response::reject("no", {"one", "two"})));
    ASSERT_TRUE(rejected) << rejected.error().message;
    EXPECT_FALSE(rejected->ok);
    EXPECT_EQ(rejected->error, "no");
    EXPECT_EQ(rejected->details, (std::vector<std::string>{"one", "two"}));
}

TEST(Response, NeedsNoDetails) {
    const auto response = parse_response(R"({"ok": false, "error": "no"})");
    ASSERT_TRUE(response);
    EXPECT_TRUE(response->details.empty());
}

TEST(Response, AnyOtherLineIsAnError) {
    for (const char* line : {"", "garbage", "[]", "7", "{}", R"({"ok": 1})", R"({"ok": true})",
                             R"({"ok": false})", R"({"ok": false, "error": 7})"})
        EXPECT_FALSE(parse_response(line)) << line;
}

}  // namespace
}  // namespace vipfwd::protocol
