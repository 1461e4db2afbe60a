// SPDX-License-Identifier: Apache-2.0
#include "tests/control/health/test_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "control/health/probe_socket.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::test {
namespace {

constexpr timeval kPatience{10, 0};

void limit_blocking(int socket) {
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
}

}  // namespace

ClosedPort::ClosedPort(const char* address, int type) : address_(address) {
    const bool is_v4 = parse_ip(address)->is_v4();
    socket_ = abi::Fd(socket(is_v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0));
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    const int bound = is_v4 ? bind(fd(), reinterpret_cast<const sockaddr*>(&v4), sizeof v4)
                            : bind(fd(), reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
    EXPECT_EQ(bound, 0);
    socklen_t size = sizeof v6;
    getsockname(fd(), reinterpret_cast<sockaddr*>(&v6), &size);
    port_ = ntohs(v6.sin6_port);  // which is where it is in a sockaddr_in
}

Listener::Listener(const char* address, int backlog) : ClosedPort(address) {
    EXPECT_EQ(listen(fd(), backlog), 0);
}

// Linux takes one connection more than the backlog has room for.
BlackHole::BlackHole(const char* address)
    : listener_(address, 0),
      filling_(socket(parse_ip(address)->is_v4() ? AF_INET : AF_INET6, SOCK_STREAM, 0)) {
    EXPECT_EQ(health::connect_socket(filling_.get(), *parse_ip(address), port()), 0);
}

TestServer::TestServer(Serve serve, const char* address)
    : listener_(address), thread_([this, serve = std::move(serve)] { run(serve); }) {}

TestServer::~TestServer() {
    shutdown(listener_.fd(), SHUT_RDWR);  // ends accept()
    thread_.join();
}

// SIGPIPE is blocked in this thread only: a probe must do without.
void TestServer::run(const Serve& serve) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    for (;;) {
        const abi::Fd connection(accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
        if (connection) {
            limit_blocking(connection.get());
            serve(connection.get());
        } else if (errno == EMFILE) {  // a test takes the descriptors away for a while
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        } else {
            return;
        }
    }
}

UdpServer::UdpServer(Answer answer, const char* address)
    : socket_(address, SOCK_DGRAM), thread_([this, answer = std::move(answer)] { run(answer); }) {}

UdpServer::~UdpServer() {
    stopping_ = true;
    thread_.join();
}

void UdpServer::run(const Answer& answer) {
    constexpr timeval kLookEvery{0, 10'000};
    setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &kLookEvery, sizeof kLookEvery);
    std::array<char, 4096> buffer;
    while (!stopping_) {
        sockaddr_in6 from{};
        socklen_t size = sizeof from;
        auto* const peer = reinterpret_cast<sockaddr*>(&from);
        const ssize_t received =
            recvfrom(socket_.fd(), buffer.data(), buffer.size(), 0, peer, &size);
        if (received < 0)
            continue;
        for (const std::string& one : answer({buffer.data(), static_cast<std::size_t>(received)}))
            sendto(socket_.fd(), one.data(), one.size(), 0, peer, size);
    }
}

bool send_all(int socket, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string receive_until(int socket, std::string_view end) {
    std::string all;
    std::array<char, 4096> buffer;
    while (all.find(end) == std::string::npos) {
        const ssize_t received = recv(socket, buffer.data(), buffer.size(), 0);
        if (received <= 0)
            break;
        all.append(buffer.data(), static_cast<std::size_t>(received));
    }
    return all;
}

std::string receive_request(int socket) {
    return receive_until(socket, "\r\n\r\n");
}

void receive_to_end(int socket) {
    std::array<char, 4096> buffer;
    while (recv(socket, buffer.data(), buffer.size(), 0) > 0) {
    }
}

void reset_on_close(int socket) {
    const linger reset{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

TestServer::Serve answer(std::string text) {
    return [text = std::move(text)](int socket) {
        receive_request(socket);
        send_all(socket, text);
    };
}

}  // namespace vipfwd::test
