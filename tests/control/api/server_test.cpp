// SPDX-License-Identifier: Apache-2.0
#include "control/api/server.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/control/api/running_server.h"

namespace vipfwd::api {
namespace {

using std::chrono::milliseconds;

TEST(Server, RespondsToOneRequestAfterTheOther) {
    const RunningServer server;
    Client client(server);
    EXPECT_EQ(client.ask("one"), R"({"ok":true,"result":"one"})");
    EXPECT_EQ(client.ask("no"), R"({"ok":false,"error":"no","details":["why not"]})");
    EXPECT_EQ(client.ask("two"), R"({"ok":true,"result":"two"})");
}

TEST(Server, RespondsInOrderToManyRequestsSentAtOnce) {
    const RunningServer server;
    Client client(server);
    std::string requests;
    for (int i = 0; i < 5000; ++i)
        requests += "{\"command\":\"" + std::to_string(i) + "\"}\n";
    std::thread sender([&] { EXPECT_TRUE(client.send(requests)); });
    for (int i = 0; i < 5000; ++i)
        ASSERT_EQ(client.line(), R"({"ok":true,"result":")" + std::to_string(i) + R"("})");
    sender.join();
}

TEST(Server, AClientThatShutsItsSideDownStillGetsItsResponses) {
    const RunningServer server;
    Client client(server);
    client.send("{\"command\":\"one\"}\n{\"command\":\"two\"}\n{\"command\":\"unfini");
    shutdown(client.fd(), SHUT_WR);
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"one"})");
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"two"})");
    EXPECT_EQ(client.line(), "");
}

TEST(Server, GarbageIsRejectedAndTheNextRequestAnswered) {
    const RunningServer server;
    Client client(server);
    client.send(std::string("\0\xff\x01garbage\n", 11));
    EXPECT_EQ(client.line().substr(0, 11), R"({"ok":false)");
    client.send("\n");
    EXPECT_EQ(client.line().substr(0, 11), R"({"ok":false)");
    EXPECT_EQ(client.ask("one"), R"({"ok":true,"result":"one"})");
}

TEST(Server, AnEndlessRequestIsRejectedAndItsClientDisconnected) {
    const RunningServer server({.request_bytes = 1000, .large_request_bytes = 2000});
    Client endless(server);
    endless.send(std::string(5000, 'x'));
    EXPECT_EQ(endless.line(),
              R"({"ok":false,"error":"a request is at most 2000 bytes","details":[]})");
    EXPECT_EQ(endless.line(), "");
    Client other(server);
    EXPECT_EQ(other.ask("one"), R"({"ok":true,"result":"one"})");
}

TEST(Server, ASlowReaderDoesNotDelayLargeResponsesToOthers) {
    const RunningServer server;
    Client slow(server);
    slow.send("{\"command\":\"big\"}\n");
    Client quick(server);
    EXPECT_EQ(quick.ask("one"), R"({"ok":true,"result":"one"})");
    const std::string large = quick.ask("big");
    EXPECT_GT(large.size(), kBigBytes);
    EXPECT_EQ(slow.line(), large);
    EXPECT_EQ(slow.ask("one"), R"({"ok":true,"result":"one"})");
}

TEST(Server, TheBytesThatWaitForReadersAreBounded) {
    const RunningServer server({.unsent_bytes = 1 << 20});
    Client slow(server);
    slow.send("{\"command\":\"big\"}\n");
    Client other(server);
    EXPECT_EQ(other.ask("one").substr(0, 11), R"({"ok":false)");
    slow.line();
    EXPECT_EQ(other.ask("one"), R"({"ok":true,"result":"one"})");
}

TEST(Server, ASilentClientIsDisconnected) {
    const RunningServer server({.idle_timeout_ms = 100});
    Client silent(server);
    EXPECT_EQ(silent.line(), "");
}

TEST(Server, AClientThatSendsTooSlowlyIsDisconnected) {
    const RunningServer server({.idle_timeout_ms = 100});
    Client dripping(server);
    const auto started = std::chrono::steady_clock::now();
    while (dripping.send("x") && std::chrono::steady_clock::now() - started < milliseconds(5000))
        std::this_thread::sleep_for(milliseconds(10));
    EXPECT_LT(std::chrono::steady_clock::now() - started, milliseconds(5000));
}

TEST(Server, AClientThatStopsReadingIsDisconnected) {
    const RunningServer server({.idle_timeout_ms = 100});
    Client stopped(server);
    stopped.send("{\"command\":\"medium\"}\n");
    pollfd hang_up{stopped.fd(), 0, 0};
    EXPECT_EQ(poll(&hang_up, 1, 10'000), 1);
    EXPECT_TRUE(stopped.line().empty()) << "the response is cut off";
}

TEST(Server, AFurtherClientReplacesTheOneThatHasBeenIdleLongest) {
    const RunningServer server({.clients = 3});
    Client first(server);
    first.ask("here");
    Client second(server);
    second.ask("here");
    Client third(server);
    third.ask("here");
    first.ask("still here");
    Client fourth(server);
    EXPECT_EQ(fourth.ask("one"), R"({"ok":true,"result":"one"})");
    EXPECT_EQ(second.line(), "");
    EXPECT_EQ(first.ask("one"), R"({"ok":true,"result":"one"})");
    EXPECT_EQ(third.ask("one"), R"({"ok":true,"result":"one"})");
}

TEST(Server, SurvivesHundredsOfClientsThatDisconnectEarly) {
    const RunningServer server;
    for (int i = 0; i < 300; ++i) {
        Client hurried(server);
        hurried.send(i % 10 == 0 ? "{\"command\":\"medium\"}\n" : "{\"comm");
    }
    Client client(server);
    EXPECT_EQ(client.ask("one"), R"({"ok":true,"result":"one"})");
}

mode_t mode_of(const std::string& path) {
    struct stat there {};
    return stat(path.c_str(), &there) == 0 ? there.st_mode & 07777 : 0;
}

TEST(Server, WithoutAGroupItIsForItsOwnUser) {
    const RunningServer server;
    EXPECT_EQ(mode_of(server.path), 0600u);
    Client client(server);
    EXPECT_EQ(client.ask("access"), R"({"ok":true,"result":"all"})");
}

TEST(Server, MembersOfTheGroupAreReaders) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to become another user";
    constexpr gid_t kGroup = 65534;
    const RunningServer server({.request_bytes = 1000}, kGroup);
    EXPECT_EQ(mode_of(server.path), 0660u);
    const std::string directory = std::filesystem::path(server.path).parent_path();
    ASSERT_EQ(chmod(directory.c_str(), 0755), 0);
    const pid_t child = fork();
    if (child == 0) {
        const bool left = setgroups(0, nullptr) == 0 && setgid(kGroup) == 0 && setuid(65533) == 0;
        Client client(server);
        const bool reads = client.ask("access") == R"({"ok":true,"result":"read"})";
        client.send(std::string(5000, 'x'));
        const bool is_bounded = client.line().find("at most 1000 bytes") != std::string::npos;
        _exit(left && reads && is_bounded ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    Client own(server);
    EXPECT_EQ(own.ask("access"), R"({"ok":true,"result":"all"})");
}

TEST(Server, AResponseMayComeLater) {
    const RunningServer server;
    Client client(server);
    client.send("{\"command\": \"later\"}\n{\"command\": \"one\"}\n");
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"later"})") << "in the order of requests";
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"one"})");
}

TEST(Server, OtherClientsAreServedMeanwhile) {
    const RunningServer server;
    Client waiting(server);
    waiting.send("{\"command\": \"later\"}\n");
    Client other(server);
    EXPECT_EQ(other.ask("one"), R"({"ok":true,"result":"one"})");
    EXPECT_EQ(waiting.line(), R"({"ok":true,"result":"later"})");
}

TEST(Server, AClientThatWaitsForItsResponseIsNotIdle) {
    const RunningServer server({.idle_timeout_ms = 5});
    Client client(server);
    client.send("{\"command\": \"later\"}\n");
    EXPECT_EQ(client.line(), R"({"ok":true,"result":"later"})");
}

TEST(Server, AClientMayGoWhileItsResponseIsMade) {
    const RunningServer server;
    {
        Client gone(server);
        gone.send("{\"command\": \"later\"}\n");
    }
    Client other(server);
    EXPECT_EQ(other.ask("later"), R"({"ok":true,"result":"later"})");
}

TEST(Server, ASecondServerAtThePathIsAnError) {
    const RunningServer server;
    Loop loop;
    Background thread(loop, "test");
    const Result<Server> second =
        Server::listen(loop, thread, server.path, std::nullopt, respond_at_once);
    ASSERT_FALSE(second);
    Client client(server);
    EXPECT_EQ(client.ask("one"), R"({"ok":true,"result":"one"})");
}

}  // namespace
}  // namespace vipfwd::api
