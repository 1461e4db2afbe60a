// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/dataplane_link.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "control/loop/listen_unix.h"

namespace vipfwd::gateway {

DataplaneLink::~DataplaneLink() {
    if (listener_)
        unlink(path_.c_str());
}

Result<void> DataplaneLink::listen(const std::string& run_directory) {
    path_ = abi::handover_socket_path(run_directory);
    Result<abi::Fd> listener = listen_unix(path_, SOCK_SEQPACKET, 0600);
    if (!listener)
        return listener.error();
    listener_ = std::move(*listener);
    listener_watch_ = std::make_unique<FdWatch>(loop_, listener_.get(), FdWatch::Ready::kReadable,
                                                [this] { accept(); });
    return {};
}

void DataplaneLink::accept() {
    abi::Fd peer(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!peer)
        return;
    if (peer_) {
        spdlog::warn("refused a second dataplane: dataplane {} is connected", state_.pid);
        return;
    }
    peer_ = std::move(peer);
    peer_watch_ = std::make_unique<FdWatch>(loop_, peer_.get(), FdWatch::Ready::kReadable,
                                            [this] { read(); });
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
        case abi::MessageKind::kHello: {
            const Result<int> region = events_.hello(std::move(received.fd));
            if (!region) {
                spdlog::error("dataplane {}: {}", message.pid, region.error().message);
                return disconnect();
            }
            const abi::Message answer{.kind = abi::MessageKind::kRegion};
            if (Result<void> sent = abi::send_message(peer_.get(), answer, *region); !sent)
                return disconnect();
            state_.connected = true;
            state_.pid = message.pid;
            spdlog::info("dataplane {} connected", message.pid);
            break;
        }
        case abi::MessageKind::kReady:
            state_.ready = true;
            spdlog::info("dataplane {} is ready", state_.pid);
            break;
        case abi::MessageKind::kAcknowledged:
            state_.acknowledged_generation = message.generation;
            break;
        case abi::MessageKind::kRejected:
            state_.rejected_generation = message.generation;
            state_.rejected_reason = message.text;
            spdlog::error("dataplane {} rejected generation {}: {}", state_.pid, message.generation,
                          message.text);
            break;
        case abi::MessageKind::kLeaving:
            spdlog::info("dataplane {} is stopping", state_.pid);
            events_.stopping();
            break;
        case abi::MessageKind::kRegion:
        case abi::MessageKind::kPublished:
            spdlog::error("dataplane {} sent an unexpected message; disconnecting it", state_.pid);
            return disconnect();
    }
    events_.changed();
}

void DataplaneLink::disconnect() {
    if (state_.connected)
        spdlog::warn("dataplane {} disconnected; the tables in force stay in force", state_.pid);
    peer_watch_.reset();
    peer_ = abi::Fd();
    state_ = {};
    events_.changed();
}

void DataplaneLink::announce(std::uint64_t generation) {
    if (!state_.connected)
        return;
    const abi::Message message{.kind = abi::MessageKind::kPublished, .generation = generation};
    // If the queue is full the message is not needed: the dataplane polls for new generations, too.
    (void)abi::send_message(peer_.get(), message);
}

}  // namespace vipfwd::gateway
