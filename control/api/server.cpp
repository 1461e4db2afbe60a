// SPDX-License-Identifier: Apache-2.0
#include "control/api/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <utility>

#include "control/api/connection.h"
#include "control/loop/unix_listener.h"

namespace vipfwd::api {
namespace {

constexpr mode_t kOwnMode = 0600;
constexpr mode_t kGroupMode = 0660;

}  // namespace

class Server::Clients {
  public:
    Clients(Loop& loop, Background& thread, Handler handler, ServerLimits limits)
        : loop_(loop), thread_(thread), handler_(std::move(handler)), limits_(limits) {}

    Result<void> listen(UnixAddress address);

  private:
    void add(UnixPeer peer);
    void drop_longest_idle();
    void answer(std::string line, Access access, const std::function<void(std::string)>& respond);
    void handle(Result<protocol::Request> request, Access access, const Responder& respond);
    protocol::Response reject_unsent() const;
    std::size_t longest_request(Access access) const;
    std::optional<std::string> reject_length(std::size_t bytes, Access access) const;
    std::size_t unsent_bytes() const;
    std::size_t unanswered_bytes() const;

    Loop& loop_;
    Background& thread_;
    Handler handler_;
    ServerLimits limits_;
    std::unique_ptr<UnixListener> listener_;
    std::map<int, Connection> by_fd_;
    std::shared_ptr<const bool> alive_ = std::make_shared<bool>(true);  // for late responses
};

Result<void> Server::Clients::listen(UnixAddress address) {
    Result<std::unique_ptr<UnixListener>> listener = UnixListener::listen(
        loop_, std::move(address), [this](UnixPeer peer) { add(std::move(peer)); });
    if (!listener)
        return listener.error();
    listener_ = std::move(*listener);
    return {};
}

void Server::Clients::add(UnixPeer peer) {
    if (by_fd_.size() >= limits_.clients)
        drop_longest_idle();
    const Access access = peer.is_trusted() ? Access::kAll : Access::kRead;
    const int fd = peer.socket.get();
    by_fd_.try_emplace(
        fd, loop_, std::move(peer.socket), longest_request(access), limits_.idle_timeout_ms,
        Connection::Events{
            .on_request =
                [this, access](std::string line, const std::function<void(std::string)>& respond) {
                    answer(std::move(line), access, respond);
                },
            .reject_length = [this,
                              access](std::size_t bytes) { return reject_length(bytes, access); },
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

void Server::Clients::answer(std::string line, Access access,
                             const std::function<void(std::string)>& respond) {
    const auto send = [this, alive = std::weak_ptr(alive_), respond](protocol::Response response) {
        // Many large responses may have been requested at the same time.
        const bool is_large = !response.line.empty();
        if (is_large && !alive.expired() && unsent_bytes() > limits_.unsent_bytes)
            response = reject_unsent();
        respond(protocol::to_line(std::move(response)));
    };
    if (unsent_bytes() > limits_.unsent_bytes)
        return send(reject_unsent());
    if (line.size() <= limits_.request_bytes)
        return handle(protocol::parse_request(line), access, send);
    const auto request = std::make_shared<Result<protocol::Request>>(Error{});
    thread_.run(
        Background::Priority::kYielding,
        [line = std::move(line), request] { *request = protocol::parse_request(line); },
        [this, alive = std::weak_ptr(alive_), request, access, send] {
            if (!alive.expired())
                handle(std::move(*request), access, send);
        });
}

void Server::Clients::handle(Result<protocol::Request> request, Access access,
                             const Responder& respond) {
    if (request)
        handler_(std::move(*request), access, respond);
    else
        respond(protocol::Response::reject(request.error().message));
}

protocol::Response Server::Clients::reject_unsent() const {
    return protocol::Response::reject(
        "too many responses are waiting for clients that do not read them");
}

std::size_t Server::Clients::longest_request(Access access) const {
    return access == Access::kAll ? limits_.large_request_bytes : limits_.request_bytes;
}

std::optional<std::string> Server::Clients::reject_length(std::size_t bytes, Access access) const {
    if (bytes > longest_request(access))
        return protocol::to_line(protocol::Response::reject(
            "a request is at most " + std::to_string(longest_request(access)) + " bytes"));
    if (bytes > limits_.request_bytes && unanswered_bytes() > limits_.unanswered_bytes)
        return protocol::to_line(
            protocol::Response::reject("there are too many large requests at the same time"));
    return std::nullopt;
}

std::size_t Server::Clients::unsent_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [fd, client] : by_fd_)
        bytes += client.unsent_bytes();
    return bytes;
}

std::size_t Server::Clients::unanswered_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [fd, client] : by_fd_)
        bytes += client.request_bytes();
    return bytes;
}

Result<Server> Server::listen(Loop& loop, Background& thread, std::string path,
                              std::optional<gid_t> group, Handler handler, ServerLimits limits) {
    auto clients = std::make_unique<Clients>(loop, thread, std::move(handler), limits);
    if (Result<void> listening = clients->listen({.path = std::move(path),
                                                  .type = SOCK_STREAM,
                                                  .mode = group ? kGroupMode : kOwnMode,
                                                  .group = group});
        !listening)
        return listening.error();
    return Server(std::move(clients));
}

Server::Server(std::unique_ptr<Clients> clients) : clients_(std::move(clients)) {}

Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

}  // namespace vipfwd::api
