// SPDX-License-Identifier: Apache-2.0
#include "control/api/server.h"

#include <grp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <list>
#include <optional>
#include <thread>

#include "tests/control/loop/unix_sockets.h"
#include "tests/sanitized.h"

namespace vipfwd::api {
namespace {

using std::chrono::milliseconds;

// More bytes than any socket buffers.
constexpr std::size_t kBigBytes = std::size_t{test::kSanitized ? 4u : 16u} << 20;
constexpr std::size_t kBigItemBytes = 250;

// Responds to "big" with a large list, to "medium" with more bytes than a socket buffers, and to
// all other commands with their name.
protocol::Response respond(const protocol::Request& request, Access access) {
    if (request.command == "big")
        return protocol::Response::accept(
            std::vector<std::string>(kBigBytes / kBigItemBytes, std::string(kBigItemBytes, 'x')));
    if (request.command == "medium")
        return protocol::Response::accept(std::string(1 << 20, 'x'));
    if (request.command == "access")
        return protocol::Response::accept(access == Access::kAll ? "all" : "read");
    if (request.command == "no")
        return protocol::Response::reject("no", {"why not"});
    return protocol::Response::accept(request.command);
}

void respond_at_once(const protocol::Request& request, Access access, const Responder& responder) {
    responder(respond(request, access));
}

// A server on a loop in a thread of its own. It responds to "later" after 20 ms.
class RunningServer {
  public:
    explicit RunningServer(ServerLimits limits = {}, std::optional<gid_t> group = {})
        : stop_(eventfd(0, EFD_CLOEXEC)) {
        std::atomic<bool> ready = false;
        thread_ = std::thread([this, limits, group, &ready] {
            Loop loop;
            const FdWatch stop(loop, stop_.get(), FdWatch::Ready::kReadable, [&] { loop.stop(); });
            std::list<Timer> timers;
            const Handler respond_some_later = [&](const protocol::Request& request, Access access,
                                                   const Responder& responder) {
                if (request.command != "later")
                    return respond_at_once(request, access, responder);
                timers.emplace_back(loop, [=] { respond_at_once(request, access, responder); })
                    .fire_after(20);
            };
            Result<Server> server = Server::listen(loop, path, group, respond_some_later, limits);
            EXPECT_TRUE(server) << server.error().message;
            ready = true;
            loop.run();
        });
        while (!ready)
            std::this_thread::yield();
    }
    ~RunningServer() {
        const std::uint64_t one = 1;
        EXPECT_EQ(write(stop_.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
        thread_.join();
        EXPECT_TRUE(directory_.empty()) << "no file is left behind";
    }

  private:
    test::SocketDirectory directory_;
    abi::Fd stop_;
    std::thread thread_;

  public:
    const std::string path = directory_ / "control.sock";
};

class Client {
  public:
    explicit Client(const RunningServer& server) : fd_(test::connect_to(server.path)) {
        EXPECT_TRUE(fd_);
        const timeval limit{10, 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    // A line without its newline; empty at the end of the connection.
    std::string line() {
        for (;;) {
            const std::size_t end = received_.find('\n', searched_);
            if (end != std::string::npos) {
                std::string first = received_.substr(0, end);
                received_.erase(0, end + 1);
                searched_ = 0;
                return first;
            }
            searched_ = received_.size();
            char bytes[64 << 10];
            const ssize_t count = recv(fd_.get(), bytes, sizeof bytes, 0);
            EXPECT_FALSE(count < 0 && errno == EAGAIN) << "no answer within 10 s";
            if (count <= 0)
                return "";
            received_.append(bytes, static_cast<std::size_t>(count));
        }
    }
    std::string ask(const std::string& command) {
        send("{\"command\":\"" + command + "\"}\n");
        return line();
    }
    int fd() const { return fd_.get(); }

  private:
    abi::Fd fd_;
    std::string received_;
    std::size_t searched_ = 0;
};

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
    const RunningServer server({.request_bytes = 1000});
    Client endless(server);
    endless.send(std::string(5000, 'x'));
    EXPECT_EQ(endless.line(),
              R"({"ok":false,"error":"a request is at most 1000 bytes","details":[]})");
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
    const RunningServer server({}, kGroup);
    EXPECT_EQ(mode_of(server.path), 0660u);
    const std::string directory = std::filesystem::path(server.path).parent_path();
    ASSERT_EQ(chmod(directory.c_str(), 0755), 0);
    const pid_t child = fork();
    if (child == 0) {
        const bool left = setgroups(0, nullptr) == 0 && setgid(kGroup) == 0 && setuid(65533) == 0;
        Client client(server);
        _exit(left && client.ask("access") == R"({"ok":true,"result":"read"})" ? 0 : 1);
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
    const Result<Server> second = Server::listen(loop, server.path, std::nullopt, respond_at_once);
    ASSERT_FALSE(second);
    Client client(server);
    EXPECT_EQ(client.ask("one"), R"({"ok":true,"result":"one"})");
}

}  // namespace
}  // namespace vipfwd::api
