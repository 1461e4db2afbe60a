// SPDX-License-Identifier: Apache-2.0
#include "control/api/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <utility>

#include "control/api/connection.h"
#include "control/loop/listen_unix.h"

namespace vipfwd::api {
namespace {

constexpr mode_t kSocketMode = 0660;
constexpr std::int64_t kAcceptPause_ms = 100;

}  // namespace

class Server::Clients {
  public:
    Clients(Loop& loop, abi::Fd listener, Handler handler, ServerLimits limits)
        : loop_(loop),
          handler_(std::move(handler)),
          limits_(limits),
          listener_(std::move(listener)),
          resume_timer_(loop, [this] { watch_listener(); }) {
        watch_listener();
    }

  private:
    void watch_listener() {
        listener_watch_.emplace(loop_, listener_.get(), FdWatch::Ready::kReadable,
                                [this] { accept(); });
    }
    void accept();
    void drop_longest_idle();
    std::string answer(std::string_view line);
    std::string reject_overlong() const;
    std::size_t unsent_bytes() const;

    Loop& loop_;
    Handler handler_;
    ServerLimits limits_;
    abi::Fd listener_;
    std::optional<FdWatch> listener_watch_;
    Timer resume_timer_;
    std::map<int, Connection> by_fd_;
};

void Server::Clients::accept() {
    abi::Fd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) {
        // Out of descriptors or memory. The waiting client keeps the listener readable: pause, so
        // that the loop does not spin.
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            listener_watch_.reset();
            resume_timer_.fire_after(kAcceptPause_ms);
        }
        return;
    }
    if (by_fd_.size() >= limits_.clients)
        drop_longest_idle();
    const int fd = socket.get();
    by_fd_.try_emplace(fd, loop_, std::move(socket), limits_.request_bytes, limits_.idle_timeout_ms,
                       Connection::Events{
                           .on_request = [this](std::string_view line) { return answer(line); },
                           .on_overlong_request = [this] { return reject_overlong(); },
                           .on_end = [this, fd] { by_fd_.erase(fd); },
                       });
}

void Server::Clients::drop_longest_idle() {
    const auto idle = std::min_element(by_fd_.begin(), by_fd_.end(), [](auto& a, auto& b) {
        return a.second.active_at() < b.second.active_at();
    });
    if (idle != by_fd_.end())
        by_fd_.erase(idle);
}

std::string Server::Clients::answer(std::string_view line) {
    if (unsent_bytes() > limits_.unsent_bytes)
        return protocol::to_line(protocol::Response::reject(
            "too many responses are waiting for clients that do not read them"));
    const Result<protocol::Request> request = protocol::parse_request(line);
    return protocol::to_line(request ? handler_(*request)
                                     : protocol::Response::reject(request.error().message));
}

std::string Server::Clients::reject_overlong() const {
    return protocol::to_line(protocol::Response::reject(
        "a request is at most " + std::to_string(limits_.request_bytes) + " bytes"));
}

std::size_t Server::Clients::unsent_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [fd, client] : by_fd_)
        bytes += client.unsent_bytes();
    return bytes;
}

Result<Server> Server::listen(Loop& loop, std::string path, Handler handler, ServerLimits limits) {
    Result<abi::Fd> listener = listen_unix(path, SOCK_STREAM, kSocketMode);
    if (!listener)
        return listener.error();
    return Server(std::move(path), std::make_unique<Clients>(loop, std::move(*listener),
                                                             std::move(handler), limits));
}

Server::Server(std::string path, std::unique_ptr<Clients> clients)
    : path_(std::move(path)), clients_(std::move(clients)) {}

Server::Server(Server&&) noexcept = default;

Server& Server::operator=(Server&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(clients_, other.clients_);
    return *this;
}

Server::~Server() {
    if (clients_)
        unlink(path_.c_str());
}

}  // namespace vipfwd::api
