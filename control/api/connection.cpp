// SPDX-License-Identifier: Apache-2.0
#include "control/api/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace vipfwd::api {
namespace {

constexpr std::size_t kReceiveBytes = 64 << 10;
// What one callback sends at most: a client that reads as fast as control sends must not hold up
// the loop's other callbacks.
constexpr std::size_t kSendBytes = 256 << 10;

bool is_transient(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Connection::Connection(Loop& loop, abi::Fd socket, std::size_t longest_request,
                       std::int64_t idle_timeout_ms, Events events)
    : loop_(loop),
      socket_(std::move(socket)),
      idle_timeout_ms_(idle_timeout_ms),
      events_(std::move(events)),
      input_(longest_request),
      idle_timer_(loop, [on_end = events_.on_end] { on_end(); }) {
    mark_active();
    watch(FdWatch::Ready::kReadable);
}

void Connection::proceed() {
    if (!advance()) {
        const auto on_end = std::move(events_.on_end);  // outlives this object
        return on_end();
    }
    // One step per callback: a client with many queued requests must not starve the loop's other
    // callbacks.
    const bool has_work = unsent_bytes() > 0 || input_.has_line();
    if (awaits_response_)
        watch_.reset();
    else
        watch(has_work ? FdWatch::Ready::kWritable : FdWatch::Ready::kReadable);
}

// One step: receives, or responds to one request, or sends more of a response. False if the
// connection has ended.
bool Connection::advance() {
    if (unsent_bytes() > 0)
        return send();
    if (!input_.has_line() && !receive())
        return false;
    if (std::optional<std::string> rejection = events_.reject_length(input_.line_bytes())) {
        is_last_response_ = true;
        start_response(std::move(*rejection));
    } else if (std::optional<std::string> line = input_.take_line()) {
        request_response(std::move(*line));
    }
    return send();
}

void Connection::request_response(std::string line) {
    awaits_response_ = true;
    awaited_bytes_ = line.size();
    events_.on_request(std::move(line), [self = std::weak_ptr(self_)](std::string response) {
        if (const auto connection = self.lock())
            (*connection)->respond(std::move(response));
    });
    if (awaits_response_)
        idle_timer_.cancel();
}

void Connection::respond(std::string line) {
    awaits_response_ = false;
    awaited_bytes_ = 0;
    start_response(std::move(line));
    watch(FdWatch::Ready::kWritable);
}

bool Connection::receive() {
    std::array<char, kReceiveBytes> bytes;
    const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count > 0)
        input_.append({bytes.data(), static_cast<std::size_t>(count)});
    return count > 0 || (count < 0 && is_transient(errno));
}

bool Connection::send() {
    const std::size_t end = std::min(output_.size(), sent_ + kSendBytes);
    while (sent_ < end) {
        const ssize_t count =
            ::send(socket_.get(), output_.data() + sent_, end - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0)
            return is_transient(errno);
        sent_ += static_cast<std::size_t>(count);
        mark_active();
    }
    if (unsent_bytes() > 0)
        return true;
    output_ = {};
    sent_ = 0;
    return !is_last_response_;
}

void Connection::start_response(std::string line) {
    output_ = std::move(line);
    sent_ = 0;
    mark_active();
}

void Connection::mark_active() {
    active_at_ = std::chrono::steady_clock::now();
    idle_timer_.fire_after(idle_timeout_ms_);
}

void Connection::watch(FdWatch::Ready ready) {
    if (watch_ && watched_ == ready)
        return;
    watched_ = ready;
    watch_.emplace(loop_, socket_.get(), ready, [this] { proceed(); });
}

}  // namespace vipfwd::api
