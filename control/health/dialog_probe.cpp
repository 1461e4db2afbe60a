// SPDX-License-Identifier: Apache-2.0
#include "control/health/dialog_probe.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "control/health/failure.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::health {
namespace {

void delay_acknowledgements(int socket) {
    const int off = 0;
    setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
}

}  // namespace

DialogProbe::DialogProbe(Loop& loop, const config::Check& check, const Way& way,
                         Transport transport, std::unique_ptr<Dialog> dialog, OnProbed on_probed)
    : loop_(loop),
      check_(check),
      way_(way),
      transport_(transport),
      dialog_(std::move(dialog)),
      on_probed_(std::move(on_probed)),
      deadline_ns_(monotonic_ns() + check.timeout_ms * kNanosecondsPerMs),
      timer_(loop, [this] { on_timer(); }) {
    start();
    timer_.fire_at(early_result_ ? 0 : deadline_ns_);
}

void DialogProbe::start() {
    socket_ = open_probe_socket(way_, transport_ == Transport::kTcp ? SOCK_STREAM : SOCK_DGRAM);
    if (!socket_) {
        early_result_ = result_of_error(errno);
        return;
    }
    if (dialog_ == nullptr)
        delay_acknowledgements(socket_.get());
    const int error = connect();
    if (error != 0 && error != EINPROGRESS)
        early_result_ = result_of_error(error);
    else
        watch(FdWatch::Ready::kWritable);
}

// 0 or an errno. Called again for TCP, it reports what has become of the attempt: EALREADY while
// the SYN is unanswered.
int DialogProbe::connect() const {
    return connect_socket(socket_.get(), way_.to, check_.port);
}

void DialogProbe::watch(FdWatch::Ready ready) {
    try {
        watch_.emplace(loop_, socket_.get(), ready, [this] { on_ready(); });
    } catch (const std::runtime_error& error) {
        early_result_ = not_checked(error.what());
        timer_.fire_after(0);
    }
}

void DialogProbe::on_ready() {
    if (const std::optional<ProbeResult> result = advance())
        end(*result);
}

// A loop that is late may see the deadline before the answer.
void DialogProbe::on_timer() {
    if (early_result_)
        return end(*early_result_);
    const std::optional<ProbeResult> result = advance();
    end(result ? *result : judge_timeout());
}

std::optional<ProbeResult> DialogProbe::advance() {
    if (phase_ == Phase::kConnecting) {
        const int error = transport_ == Transport::kTcp ? connect() : 0;
        if (error == EALREADY)
            return std::nullopt;
        if (error != 0 && error != EISCONN)
            return judge_error(error);
        if (dialog_ == nullptr)
            return good();
        unsent_ = dialog_->begin();
        phase_ = Phase::kSending;
    }
    if (phase_ == Phase::kSending)
        return send();
    return receive();
}

std::optional<ProbeResult> DialogProbe::send() {
    if (!unsent_.empty()) {
        const ssize_t sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN ? std::nullopt : std::optional(judge_error(errno));
        unsent_.erase(0, static_cast<std::size_t>(sent));
        if (!unsent_.empty())
            return std::nullopt;
    }
    if (std::optional<ProbeResult> result = dialog_->judge_sent())
        return result;
    phase_ = Phase::kReceiving;
    watch(FdWatch::Ready::kReadable);
    return receive();
}

std::optional<ProbeResult> DialogProbe::receive() {
    std::array<char, 16384> buffer;
    while (received_bytes_ < kMaxAnswerBytes) {
        const std::size_t room = std::min(buffer.size(), kMaxAnswerBytes - received_bytes_);
        const ssize_t received = recv(socket_.get(), buffer.data(), room, 0);
        if (received < 0)
            return errno == EAGAIN ? std::nullopt : std::optional(judge_error(errno));
        if (received == 0 && transport_ == Transport::kTcp)
            return dialog_->judge_end(DialogEnd::kClosed);
        // An empty datagram counts, too, so that any number of them ends.
        received_bytes_ += std::max<std::size_t>(static_cast<std::size_t>(received), 1);
        if (auto result =
                dialog_->receive({buffer.data(), static_cast<std::size_t>(received)}, unsent_))
            return result;
        if (!unsent_.empty()) {
            phase_ = Phase::kSending;
            watch(FdWatch::Ready::kWritable);
            return std::nullopt;
        }
    }
    return dialog_->judge_end(DialogEnd::kTooLong);
}

ProbeResult DialogProbe::judge_error(int error) const {
    if (transport_ == Transport::kUdp && error == ECONNREFUSED)
        return failed("port unreachable: nothing listens there");
    return result_of_error(error);
}

ProbeResult DialogProbe::judge_timeout() const {
    const bool is_connected = phase_ != Phase::kConnecting;
    ProbeResult result = result_of_timeout(check_, is_connected, monotonic_ns() - deadline_ns_);
    if (result.kind == ProbeResult::Kind::kNone || !is_connected || dialog_ == nullptr)
        return result;
    if (std::optional<ProbeResult> judged = dialog_->judge_end(DialogEnd::kTimeout))
        return *judged;
    if (transport_ == Transport::kUdp)
        return failed(result_of_timeout(check_, false, 0).reason);
    return result;
}

// The callback may destroy this object.
void DialogProbe::end(ProbeResult result) {
    timer_.cancel();
    watch_.reset();
    socket_ = abi::Fd();
    const OnProbed on_probed = std::move(on_probed_);
    on_probed(std::move(result));
}

}  // namespace vipfwd::health
