// SPDX-License-Identifier: Apache-2.0
// Requests of many bytes: the text of a configuration file.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "tests/control/api/running_server.h"

namespace vipfwd::api {
namespace {

std::string request_of(std::size_t bytes) {
    return protocol::to_line(protocol::Request{"large", {{"text", std::string(bytes, '"')}}});
}

TEST(Server, ALargeRequestIsAnsweredAsAnother) {
    const RunningServer server({.request_bytes = 1000});
    Client client(server);
    client.send(request_of(5000) + request_of(10) + "{" + request_of(5000));
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"large"})");
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"large"})");
    EXPECT_EQ(client.line().substr(0, 11), R"({"ok":false)") << "it is not JSON";
}

TEST(Server, ALargeRequestDoesNotHoldTheLoopUp) {
    const RunningServer server;
    const std::string request = request_of(kBigBytes);
    const std::int64_t began = monotonic_ns();
    ASSERT_TRUE(protocol::parse_request(std::string_view(request).substr(0, request.size() - 1)));
    const std::int64_t parse_ns = monotonic_ns() - began;
    Client client(server);
    server.gap->reset();
    std::thread sender([&] { EXPECT_TRUE(client.send(request)); });
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"large"})");
    sender.join();
    EXPECT_LT(server.gap->ns(), std::max<std::int64_t>(parse_ns, 100'000'000) / 2);
    RecordProperty("gap_us", std::to_string(server.gap->ns() / 1000));
}

TEST(Server, LargeRequestsAreBoundedInTotal) {
    const RunningServer server({.request_bytes = 1000, .unanswered_bytes = 5000});
    Client client(server);
    client.send(std::string(8000, 'x'));
    EXPECT_EQ(
        client.line(),
        R"({"ok":false,"error":"there are too many large requests at the same time","details":[]})");
    EXPECT_EQ(client.line(), "");
}

}  // namespace
}  // namespace vipfwd::api
