// SPDX-License-Identifier: Apache-2.0
// Requests of many bytes: the text of a configuration file.
#include <gtest/gtest.h>
#include <poll.h>

#include <string>

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

TEST(Server, OtherClientsAreServedWhileALargeRequestIsParsed) {
    const RunningServer server({.request_bytes = 1000});
    Client other(server);
    EXPECT_EQ(other.ask("hold"), R"({"ok":true,"result":"hold"})");
    Client client(server);
    client.send(request_of(5000));
    EXPECT_EQ(other.ask("one"), R"({"ok":true,"result":"one"})");
    pollfd answer{client.fd(), POLLIN, 0};
    EXPECT_EQ(poll(&answer, 1, 20), 0) << "it is parsed on the thread, which is busy";
    EXPECT_EQ(other.ask("release"), R"({"ok":true,"result":"release"})");
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"large"})");
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
