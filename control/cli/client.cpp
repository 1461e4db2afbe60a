// SPDX-License-Identifier: Apache-2.0
#include "control/cli/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "dataplane/abi/handover.h"

namespace vipfwd::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// One connection, with one deadline for all of it.
class Conversation {
  public:
    Conversation(const std::string& path, milliseconds timeout)
        : path_(path), timeout_(timeout), deadline_(Clock::now() + timeout) {}

    Result<void> connect();
    Result<void> send(const std::string& line);
    // The response line, without its newline.
    Result<std::string> receive();

  private:
    Error unreachable(const std::string& why) const {
        return Error{"control is not reachable at " + path_ + ": " + why};
    }
    Error timed_out() const {
        return Error{"control at " + path_ + " has not responded within " +
                     std::to_string(timeout_.count() / 1000) + " s"};
    }
    milliseconds left() const {
        return std::max(milliseconds(0),
                        std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now()));
    }
    Result<void> wait(short events) const;

    const std::string& path_;
    milliseconds timeout_;
    Clock::time_point deadline_;
    abi::Fd socket_;
};

Result<void> Conversation::connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path)
        return unreachable("the path is too long for a socket");
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    socket_ = abi::Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket_)
        return unreachable(std::strerror(errno));
    // Bounds how long connect() waits while the listener's backlog is full.
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout_);
    const timeval limit{seconds.count(), (timeout_ - seconds).count() * 1000};
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return {};
    switch (errno) {
        case EAGAIN:
            return timed_out();
        case ENOENT:
            return unreachable("no such file; is vipfwd-control running?");
        case ECONNREFUSED:
            return unreachable("no process listens there; is vipfwd-control running?");
        case EACCES:
            return unreachable("permission denied; run vipctl as root or in the socket's group");
        default:
            return unreachable(std::strerror(errno));
    }
}

Result<void> Conversation::wait(short events) const {
    pollfd waited{socket_.get(), events, 0};
    int ready = 0;
    do {
        ready = poll(&waited, 1, static_cast<int>(left().count()));
    } while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return unreachable(std::strerror(errno));
    if (ready == 0)
        return timed_out();
    return {};
}

Result<void> Conversation::send(const std::string& line) {
    std::size_t sent = 0;
    while (sent < line.size()) {
        if (Result<void> waited = wait(POLLOUT); !waited)
            return waited.error();
        const ssize_t count = ::send(socket_.get(), line.data() + sent, line.size() - sent,
                                     MSG_DONTWAIT | MSG_NOSIGNAL);
        // Control may have sent the reason before it closed the connection: receive() reads it.
        if (count < 0 && (errno == EPIPE || errno == ECONNRESET))
            return {};
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return unreachable(std::strerror(errno));
        sent += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return {};
}

Result<std::string> Conversation::receive() {
    std::string line;
    std::array<char, 64 << 10> bytes;
    for (;;) {
        if (Result<void> waited = wait(POLLIN); !waited)
            return Error{waited.error().message +
                         "; the request has arrived there and may still be carried out"};
        const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno == ECONNRESET))
            return unreachable("it closed the connection without a response; see its log");
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return unreachable(std::strerror(errno));
        const std::string_view piece(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
        line += piece.substr(0, piece.find('\n'));
        if (piece.find('\n') != std::string_view::npos)
            return line;
    }
}

}  // namespace

Result<std::string> ask_for_line(const std::string& socket_path, const protocol::Request& request,
                                 std::chrono::milliseconds timeout) {
    Conversation conversation(socket_path, timeout);
    if (Result<void> connected = conversation.connect(); !connected)
        return connected.error();
    if (Result<void> sent = conversation.send(protocol::to_line(request)); !sent)
        return sent.error();
    return conversation.receive();
}

Result<protocol::Response> read_response(const std::string& socket_path, std::string_view line) {
    Result<protocol::Response> response = protocol::parse_response(line);
    if (!response)
        return Error{"the process that listens at " + socket_path +
                     " does not respond as vipfwd-control does (" + response.error().message +
                     "); are vipctl and vipfwd-control of the same version?"};
    return response;
}

Result<protocol::Response> ask(const std::string& socket_path, const protocol::Request& request,
                               std::chrono::milliseconds timeout) {
    const Result<std::string> line = ask_for_line(socket_path, request, timeout);
    return line ? read_response(socket_path, *line) : line.error();
}

}  // namespace vipfwd::cli
