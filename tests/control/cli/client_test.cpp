// SPDX-License-Identifier: Apache-2.0
#include "control/cli/client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <thread>

#include "dataplane/abi/handover.h"
#include "tests/sanitized.h"

namespace vipfwd::cli {
namespace {

using std::chrono::milliseconds;

class ClientTest : public ::testing::Test {
  protected:
    ClientTest() {
        char pattern[] = "/tmp/vipfwd-cli-test-XXXXXX";
        directory_ = mkdtemp(pattern);
        path_ = directory_ + "/control.sock";
    }
    ~ClientTest() override {
        if (server_.joinable())
            server_.join();
        unlink(path_.c_str());
        rmdir(directory_.c_str());
    }

    // A control that accepts one client, reads one request, and then calls `behave`.
    void serve(std::function<void(int client, const std::string& request)> behave) {
        listen_at_path();
        server_ = std::thread([this, behave = std::move(behave)] {
            const abi::Fd client(accept(listener_.get(), nullptr, nullptr));
            std::string request;
            char byte = 0;
            while (read(client.get(), &byte, 1) == 1 && byte != '\n')
                request += byte;
            behave(client.get(), request);
        });
    }
    void answer(const std::string& bytes) {
        serve([bytes](int client, const std::string&) { say(client, bytes); });
    }
    static bool say(int client, const std::string& bytes) {
        std::size_t said = 0;
        while (said < bytes.size()) {
            const ssize_t count =
                send(client, bytes.data() + said, bytes.size() - said, MSG_NOSIGNAL);
            if (count <= 0)
                return false;
            said += static_cast<std::size_t>(count);
        }
        return true;
    }
    void listen_at_path() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        listener_ = abi::Fd(socket(AF_UNIX, SOCK_STREAM, 0));
        ASSERT_EQ(
            bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(listen(listener_.get(), 1), 0);
    }

    Result<protocol::Response> ask_status(milliseconds timeout = milliseconds(10'000)) {
        return ask(path_, {.command = "show status"}, timeout);
    }
    std::string fault() {
        const Result<protocol::Response> answer = ask_status();
        return answer ? "answered" : answer.error().message;
    }

    std::string directory_;
    std::string path_;
    abi::Fd listener_;
    std::thread server_;
};

TEST_F(ClientTest, ARequestIsOneLineAndItsResponseIsParsed) {
    std::string seen;
    serve([&seen](int client, const std::string& request) {
        seen = request;
        say(client, "{\"ok\":true,\"result\":[1,2]}\n");
    });
    const Result<protocol::Response> answer =
        ask(path_, {"show backends", {{"pool", "a\nb"}}}, milliseconds(10'000));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->ok);
    EXPECT_EQ(answer->result.size(), 2u);
    server_.join();
    EXPECT_EQ(seen, R"({"command":"show backends","arguments":{"pool":"a\nb"}})");
}

TEST_F(ClientTest, ARejectionHasItsDetails) {
    answer("{\"ok\":false,\"error\":\"no\",\"details\":[\"one\",\"two\"]}\n");
    const Result<protocol::Response> rejected = ask_status();
    ASSERT_TRUE(rejected);
    EXPECT_FALSE(rejected->ok);
    EXPECT_EQ(rejected->error, "no");
    EXPECT_EQ(rejected->details, (std::vector<std::string>{"one", "two"}));
}

TEST_F(ClientTest, ALargeResponseArrivesWhole) {
    const std::string text((test::kSanitized ? 2 : 20) << 20, 'x');
    answer("{\"ok\":true,\"result\":\"" + text + "\"}\n");
    const Result<protocol::Response> large = ask_status();
    ASSERT_TRUE(large) << large.error().message;
    EXPECT_EQ(large->result, text);
}

TEST_F(ClientTest, WithoutASocketControlIsNotReachable) {
    EXPECT_EQ(fault(), "control is not reachable at " + path_ +
                           ": no such file; is vipfwd-control running?");
}

TEST_F(ClientTest, WithAStaleSocketControlIsNotReachable) {
    listen_at_path();
    listener_ = abi::Fd();
    EXPECT_EQ(fault(), "control is not reachable at " + path_ +
                           ": no process listens there; is vipfwd-control running?");
}

TEST_F(ClientTest, ASilentControlIsAnErrorAfterTheTimeout) {
    serve([](int client, const std::string&) {
        char byte = 0;
        EXPECT_EQ(read(client, &byte, 1), 0) << "until the client has disconnected";
    });
    const Result<protocol::Response> silent = ask_status(milliseconds(100));
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().message,
              "control at " + path_ +
                  " has not responded within 0 s; the request has arrived there and may still be "
                  "carried out");
}

TEST_F(ClientTest, AControlThatSendsTooSlowlyIsAnErrorAfterTheTimeout) {
    serve([](int client, const std::string&) {
        while (say(client, " "))
            std::this_thread::sleep_for(milliseconds(10));
    });
    EXPECT_FALSE(ask_status(milliseconds(100)));
}

TEST_F(ClientTest, AFullBacklogIsAnErrorAfterTheTimeout) {
    listen_at_path();
    std::vector<abi::Fd> waiting;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    for (;;) {
        waiting.emplace_back(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
        if (connect(waiting.back().get(), reinterpret_cast<const sockaddr*>(&address),
                    sizeof address) != 0)
            break;
    }
    EXPECT_FALSE(ask_status(milliseconds(100)));
}

TEST_F(ClientTest, AConnectionThatEndsEarlyIsAnError) {
    answer("{\"ok\":true,\"res");
    EXPECT_EQ(fault(), "control is not reachable at " + path_ +
                           ": it closed the connection without a response; see its log");
}

TEST_F(ClientTest, ALineThatIsNotAResponseIsAnError) {
    for (const char* line : {"garbage", "7", "[]", "{}", R"({"ok":1})", R"({"ok":true})",
                             R"({"ok":false})", R"({"ok":false,"error":7})"}) {
        answer(std::string(line) + "\n");
        EXPECT_NE(fault().find("does not respond as vipfwd-control does"), std::string::npos)
            << line;
        server_.join();
        unlink(path_.c_str());
    }
}

}  // namespace
}  // namespace vipfwd::cli
