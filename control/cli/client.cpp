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

class Conversation {
  public:
    Conversation(const std::string& path, milliseconds timeout)
        : path_(path), timeout_(timeout), deadline_(Clock::now() + timeout) {}

    Result<void> connect();
    Result<void> send(const std::string& line);
    // The answer without its newline.
    Result<std::string> receive();

  private:
    Error unreachable(const std::string& why) const {
        return Error{"control is not reachable at " + path_ + ": " + why};
    }
    Error no_answer() const {
        return Error{"control at " + path_ + " has not answered within " +
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
    // How long to wait for a place in its queue.
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout_);
    const timeval limit{seconds.count(), (timeout_ - seconds).count() * 1000};
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return {};
    switch (errno) {
        case EAGAIN:
            return no_answer();
        case ENOENT:
            return unreachable("no such file; is vipfwd-control running?");
        case ECONNREFUSED:
            return unreachable("nobody listens there; is vipfwd-control running?");
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
        return no_answer();
    return {};
}

Result<void> Conversation::send(const std::string& line) {
    std::size_t sent = 0;
    while (sent < line.size()) {
        if (Result<void> waited = wait(POLLOUT); !waited)
            return waited.error();
        const ssize_t count = ::send(socket_.get(), line.data() + sent, line.size() - sent,
                                     MSG_DONTWAIT | MSG_NOSIGNAL);
        // It may have said why before it hung up.
        if (count < 0 && (errno == EPIPE || errno == ECONNRESET))
            return {};
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return unreachable(std::strerror(errno));
        sent += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return {};
}

Result<std::string> Conversation::receive() {
    std::string answer;
    std::array<char, 64 << 10> bytes;
    for (;;) {
        if (Result<void> waited = wait(POLLIN); !waited)
            return waited.error();
        const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno == ECONNRESET))
            return unreachable("it hung up without an answer; see its log");
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return unreachable(std::strerror(errno));
        const std::string_view piece(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
        answer += piece.substr(0, piece.find('\n'));
        if (piece.find('\n') != std::string_view::npos)
            return answer;
    }
}

Result<Answer> parse_answer(const std::string& path, const std::string& line) {
    const Error no_answer{"what listens at " + path +
                          " does not answer as vipfwd-control does; are both of one version?"};
    Json document = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object() || !document.contains("ok") || !document["ok"].is_boolean())
        return no_answer;
    Answer answer{.ok = document["ok"].get<bool>(), .result = {}, .error = {}, .details = {}};
    if (answer.ok) {
        if (!document.contains("result"))
            return no_answer;
        answer.result = std::move(document["result"]);
        return answer;
    }
    const auto error = document.find("error");
    if (error == document.end() || !error->is_string())
        return no_answer;
    answer.error = error->get<std::string>();
    if (const auto details = document.find("details"); details != document.end()) {
        for (const Json& line_of_detail : *details) {
            if (line_of_detail.is_string())
                answer.details.push_back(line_of_detail.get<std::string>());
        }
    }
    return answer;
}

}  // namespace

Result<Answer> ask(const std::string& socket_path, const std::string& command,
                   const Json& arguments, std::chrono::milliseconds timeout) {
    const Json request = {{"command", command}, {"arguments", arguments}};
    Conversation conversation(socket_path, timeout);
    if (Result<void> connected = conversation.connect(); !connected)
        return connected.error();
    const std::string line = request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    if (Result<void> sent = conversation.send(line); !sent)
        return sent.error();
    const Result<std::string> answer = conversation.receive();
    if (!answer)
        return answer.error();
    return parse_answer(socket_path, *answer);
}

}  // namespace vipfwd::cli
