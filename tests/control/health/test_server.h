// SPDX-License-Identifier: Apache-2.0
// A TCP server on a thread of its own, for tests of probes.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dataplane/abi/handover.h"

namespace vipfwd::test {

// A TCP socket of 127.0.0.1 or ::1, at a port that the kernel has chosen, which nobody else gets.
// It does not listen: connections are refused. Or of UDP.
class ClosedPort {
  public:
    explicit ClosedPort(const char* address = "127.0.0.1", int type = SOCK_STREAM);

    int fd() const { return socket_.get(); }
    std::uint16_t port() const { return port_; }
    const std::string& address() const { return address_; }

  private:
    std::string address_;
    abi::Fd socket_;
    std::uint16_t port_ = 0;
};

class Listener : public ClosedPort {
  public:
    explicit Listener(const char* address = "127.0.0.1", int backlog = 100);
};

// Its kernel does not answer SYNs: its backlog is full, and it never accepts.
class BlackHole {
  public:
    explicit BlackHole(const char* address = "127.0.0.1");

    std::uint16_t port() const { return listener_.port(); }

  private:
    Listener listener_;
    abi::Fd filling_;
};

class TestServer {
  public:
    // Gets each connection, one after the other. The socket blocks, but for no more than 10
    // seconds; it is closed after the call.
    using Serve = std::function<void(int socket)>;

    explicit TestServer(Serve serve, const char* address = "127.0.0.1");
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    std::uint16_t port() const { return listener_.port(); }
    const std::string& address() const { return listener_.address(); }

  private:
    void run(const Serve& serve);

    Listener listener_;
    std::thread thread_;
};

// Sends what `answer` makes of each datagram, on a thread of its own.
class UdpServer {
  public:
    using Answer = std::function<std::vector<std::string>(const std::string& datagram)>;

    explicit UdpServer(Answer answer, const char* address = "127.0.0.1");
    ~UdpServer();
    UdpServer(const UdpServer&) = delete;
    UdpServer& operator=(const UdpServer&) = delete;

    std::uint16_t port() const { return socket_.port(); }
    const std::string& address() const { return socket_.address(); }

  private:
    void run(const Answer& answer);

    ClosedPort socket_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

// False if the peer is gone.
bool send_all(int socket, std::string_view text);
// What the peer has sent, at least as far as `end`, unless it closes the connection before.
std::string receive_until(int socket, std::string_view end);
std::string receive_request(int socket);
// Waits until the peer closes the connection.
void receive_to_end(int socket);
// Makes the next close() send a RST.
void reset_on_close(int socket);

inline constexpr const char* kFine = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine\n";

// Reads a request and answers it.
TestServer::Serve answer(std::string text);

}  // namespace vipfwd::test
