// SPDX-License-Identifier: Apache-2.0
// A server on a thread of its own, and its clients.
#pragma once

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "control/api/server.h"
#include "tests/control/loop/unix_sockets.h"
#include "tests/sanitized.h"

namespace vipfwd::api {

// More bytes than any socket buffers.
inline constexpr std::size_t kBigBytes = std::size_t{test::kSanitized ? 4u : 16u} << 20;
inline constexpr std::size_t kBigItemBytes = 250;

// Responds to "big" with a large list, to "medium" with more bytes than a socket buffers, and to
// all other commands with their name.
inline protocol::Response respond(const protocol::Request& request, Access access) {
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

inline void respond_at_once(const protocol::Request& request, Access access,
                            const Responder& responder) {
    responder(respond(request, access));
}

// A server on a loop in a thread of its own. It responds to "later" after 20 ms. "hold" keeps the
// thread for large requests busy until "release".
class RunningServer {
  public:
    explicit RunningServer(ServerLimits limits = {}, std::optional<gid_t> group = {})
        : stop_(eventfd(0, EFD_CLOEXEC)) {
        std::atomic<bool> ready = false;
        thread_ = std::thread([this, limits, group, &ready] {
            Loop loop;
            std::atomic<bool> held = false;
            Background large(loop, "test");
            const FdWatch stop(loop, stop_.get(), FdWatch::Ready::kReadable, [&] { loop.stop(); });
            std::list<Timer> timers;
            const Handler respond_some_later = [&](const protocol::Request& request, Access access,
                                                   const Responder& responder) {
                if (request.command == "release")
                    held = false;
                if (request.command == "hold") {
                    held = true;
                    large.run(
                        Background::Priority::kNormal,
                        [&held] {
                            while (held)
                                std::this_thread::yield();
                        },
                        [] {});
                }
                if (request.command != "later")
                    return respond_at_once(request, access, responder);
                timers.emplace_back(loop, [=] { respond_at_once(request, access, responder); })
                    .fire_after(20);
            };
            Result<Server> server =
                Server::listen(loop, large, path, group, respond_some_later, limits);
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

}  // namespace vipfwd::api
