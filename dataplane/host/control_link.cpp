// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/control_link.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace vipfwd::host {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTryEvery(100);
constexpr milliseconds kTryAfterTrouble(1000);
constexpr int kMessagesAtOnce = 64;
constexpr int kHighDescriptor = 1000;  // above all other descriptors, below the usual limit of 1024

// Moves the socket to a high descriptor. Control learns of our death when the kernel closes the
// socket. The kernel closes the descriptors of a dead process from the highest to the lowest, and
// waits for an RCU grace period (4 to 20 ms) at each AF_XDP or AF_PACKET socket.
abi::Fd move_to_high_descriptor(abi::Fd socket) {
    abi::Fd high(fcntl(socket.get(), F_DUPFD_CLOEXEC, kHighDescriptor));
    return high ? std::move(high) : std::move(socket);
}

// An error unless the process that listens is one of root's, or of this user.
Result<void> check_listener(int socket) {
    ucred listener{};
    socklen_t size = sizeof listener;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &listener, &size) != 0)
        return system_error("cannot tell who listens");
    if (abi::is_trusted_user(listener.uid))
        return {};
    return Error{"the process that listens there belongs to user " + std::to_string(listener.uid) +
                 ", so it is not this dataplane's control"};
}

// Nullopt if nobody listens.
Result<std::optional<abi::Fd>> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return Error{path + ": path too long for a socket"};
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    abi::Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return system_error(path);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        // EAGAIN: its backlog is full.
        if (errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN)
            return std::optional<abi::Fd>();
        return system_error(path);
    }
    if (Result<void> ours = check_listener(socket.get()); !ours)
        return Error{path + ": " + ours.error().message};
    return std::optional(move_to_high_descriptor(std::move(socket)));
}

}  // namespace

ControlLink::ControlLink(const std::string& run_directory, milliseconds answer_within)
    : path_(abi::handover_socket_path(run_directory)), answer_within_(answer_within) {}

void ControlLink::keep_connected(int region_fd) {
    if (!socket_ && Clock::now() >= next_try_)
        return connect(region_fd);
    if (socket_ && !greeted_ && Clock::now() >= answer_by_)
        drop(path_ + ": the process that listens there does not answer");
}

void ControlLink::connect(int region_fd) {
    next_try_ = Clock::now() + kTryEvery;
    Result<std::optional<abi::Fd>> socket = connect_to(path_);
    if (!socket)
        return drop(socket.error().message);
    if (!socket->has_value()) {
        if (!waiting_)
            spdlog::info("waiting for control at {}", path_);
        waiting_ = true;
        return;
    }
    const abi::Message hello{.kind = abi::MessageKind::kHello};
    if (!abi::send_message((*socket)->get(), hello, region_fd))
        return;
    socket_ = std::move(**socket);
    greeted_ = false;
    answer_by_ = Clock::now() + answer_within_;
}

void ControlLink::wait(std::chrono::microseconds longest, int other) const {
    std::array<pollfd, 2> readable{{{socket_.get(), POLLIN, 0}, {other, POLLIN, 0}}};
    const timespec timeout{.tv_sec = longest.count() / 1'000'000,
                           .tv_nsec = longest.count() % 1'000'000 * 1000};
    ppoll(readable.data(), readable.size(), &timeout, nullptr);
}

std::optional<abi::Fd> ControlLink::take_region() {
    for (int i = 0; socket_ && i < kMessagesAtOnce; ++i) {
        Result<abi::Received> received = abi::receive_message(socket_.get());
        if (!received) {
            drop(received.error().message);
            break;
        }
        if (received->outcome == abi::Received::Outcome::kNothingYet)
            break;
        if (received->outcome == abi::Received::Outcome::kClosed) {
            handle_eof();
            break;
        }
        if (received->message.kind == abi::MessageKind::kRegion && received->fd) {
            greeted_ = true;
            waiting_ = false;
            last_error_.clear();
            return std::move(received->fd);
        }
    }
    return std::nullopt;
}

void ControlLink::send(abi::MessageKind kind, std::uint64_t generation, const std::string& text,
                       int fd) {
    if (!socket_ || !greeted_)
        return;
    abi::Message message{.kind = kind, .generation = generation};
    text.copy(message.text, sizeof message.text - 1);
    // A message that is lost does no harm: control reads the region too. take_region() notices EOF.
    (void)abi::send_message(socket_.get(), message, fd);
}

void ControlLink::handle_eof() {
    if (!greeted_)
        return drop(path_ + ": control refused this dataplane: does another dataplane serve it?");
    spdlog::warn("connection to control lost; forwarding continues by the generation in force");
    disconnect(kTryEvery);
}

void ControlLink::drop(const std::string& why) {
    if (why != last_error_)
        spdlog::error("{}", why);
    last_error_ = why;
    disconnect(kTryAfterTrouble);
}

void ControlLink::disconnect(milliseconds pause) {
    socket_ = abi::Fd();
    greeted_ = false;
    next_try_ = Clock::now() + pause;
}

}  // namespace vipfwd::host
