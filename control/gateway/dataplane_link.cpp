// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/dataplane_link.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {
namespace {

using events::Level;

constexpr std::int64_t kHelloDeadline_ms = 2000;
constexpr std::size_t kMaxNewcomers = 8;

}  // namespace

Result<void> DataplaneLink::listen(const std::string& run_directory) {
    Result<std::unique_ptr<UnixListener>> listener = UnixListener::listen(
        loop_, {.path = abi::handover_socket_path(run_directory), .type = SOCK_SEQPACKET},
        [this](UnixPeer peer) { meet(std::move(peer)); });
    if (!listener)
        return listener.error();
    listener_ = std::move(*listener);
    return {};
}

void DataplaneLink::meet(UnixPeer peer) {
    if (!peer.is_trusted()) {
        spdlog::warn(
            "refused process {} of user {} as a dataplane: it must be root's, or of "
            "control's user",
            peer.pid, peer.uid);
        return;
    }
    if (state_.connected) {
        spdlog::warn("refused a second dataplane: dataplane {} is connected", state_.pid);
        return;
    }
    if (newcomers_.size() >= kMaxNewcomers)
        newcomers_.pop_front();
    const pid_t pid = peer.pid;
    const auto newcomer =
        newcomers_.insert(newcomers_.end(), {.peer = std::move(peer), .deadline = {}, .watch = {}});
    newcomer->deadline.emplace(loop_, [this, newcomer, pid] {
        spdlog::warn("disconnected process {}: it connected as a dataplane, and said nothing", pid);
        newcomers_.erase(newcomer);
    });
    newcomer->deadline->fire_after(kHelloDeadline_ms);
    newcomer->watch.emplace(loop_, newcomer->peer.socket.get(), FdWatch::Ready::kReadable,
                            [this, newcomer] { greet(newcomer); });
}

// The first one to say hello is the dataplane.
void DataplaneLink::greet(std::list<Newcomer>::iterator newcomer) {
    Result<abi::Received> received = abi::receive_message(newcomer->peer.socket.get());
    if (received && received->outcome == abi::Received::Outcome::kNothingYet)
        return;
    newcomer->watch.reset();
    abi::Fd socket = std::move(newcomer->peer.socket);
    newcomers_.erase(newcomer);
    if (!received) {
        spdlog::error("dataplane: {}", received.error().message);
    } else if (received->outcome == abi::Received::Outcome::kClosed) {
        return;
    } else if (received->message.kind != abi::MessageKind::kHello) {
        spdlog::error("dataplane {} did not begin with hello", received->message.pid);
    } else if (state_.connected) {
        spdlog::warn("refused a second dataplane: dataplane {} is connected", state_.pid);
    } else {
        peer_ = std::move(socket);
        welcome(std::move(*received));
    }
}

void DataplaneLink::welcome(abi::Received hello) {
    const std::uint32_t pid = hello.message.pid;
    const Result<int> region = events_.hello(std::move(hello.fd));
    if (!region) {
        spdlog::error("dataplane {}: {}", pid, region.error().message);
        return disconnect();
    }
    const abi::Message answer{.kind = abi::MessageKind::kRegion};
    if (Result<void> sent = abi::send_message(peer_.get(), answer, *region); !sent)
        return disconnect();
    peer_watch_ = std::make_unique<FdWatch>(loop_, peer_.get(), FdWatch::Ready::kReadable,
                                            [this] { read(); });
    state_.connected = true;
    state_.pid = pid;
    record(Level::kInfo, "connected");
    events_.changed();
}

void DataplaneLink::read() {
    Result<abi::Received> received = abi::receive_message(peer_.get());
    if (!received) {
        spdlog::error("dataplane: {}", received.error().message);
        return disconnect();
    }
    switch (received->outcome) {
        case abi::Received::Outcome::kNothingYet:
            return;
        case abi::Received::Outcome::kClosed:
            return disconnect();
        case abi::Received::Outcome::kMessage:
            return handle(std::move(*received));
    }
}

void DataplaneLink::handle(abi::Received received) {
    const abi::Message& message = received.message;
    switch (message.kind) {
        case abi::MessageKind::kReady:
            state_.ready = true;
            advert_wakeup_ = std::move(received.fd);
            record(Level::kInfo, "ready");
            break;
        case abi::MessageKind::kPortChanged:
            break;
        case abi::MessageKind::kAcknowledged:
            state_.acknowledged_generation = message.generation;
            if (state_.announced && state_.announced->generation == message.generation)
                state_.announced->acknowledged_ns = monotonic_ns();
            break;
        case abi::MessageKind::kRejected:
            state_.rejected_generation = message.generation;
            state_.rejected_reason = message.text;
            record(Level::kError, fmt::format("rejected generation {}", message.generation),
                   state_.rejected_reason);
            break;
        case abi::MessageKind::kLeaving:
            record(Level::kInfo, "stopping");
            events_.stopping();
            break;
        case abi::MessageKind::kHello:
        case abi::MessageKind::kRegion:
        case abi::MessageKind::kPublished:
            spdlog::error("dataplane {} sent an unexpected message; disconnecting it", state_.pid);
            return disconnect();
    }
    events_.changed();
}

void DataplaneLink::disconnect() {
    if (state_.connected)
        record(Level::kWarning, "disconnected", "the tables in force stay in force");
    peer_watch_.reset();
    peer_ = abi::Fd();
    advert_wakeup_ = abi::Fd();
    state_ = {};
    events_.changed();
}

void DataplaneLink::record(Level level, std::string change, std::string cause) const {
    events_.record({.level = level,
                    .object = events::Object::kDataplane,
                    .name = fmt::format("{}", state_.pid),
                    .change = std::move(change),
                    .cause = std::move(cause)});
}

void DataplaneLink::announce(std::uint64_t generation, std::int64_t requested_ns) {
    if (!state_.connected)
        return;
    state_.announced = {
        .generation = generation, .requested_ns = requested_ns, .published_ns = monotonic_ns()};
    const abi::Message message{.kind = abi::MessageKind::kPublished, .generation = generation};
    // If the queue is full the message is not needed: the dataplane polls for new generations, too.
    (void)abi::send_message(peer_.get(), message);
}

void DataplaneLink::wake_advert_worker() {
    if (advert_wakeup_)
        abi::signal_eventfd(advert_wakeup_);
}

}  // namespace vipfwd::gateway
