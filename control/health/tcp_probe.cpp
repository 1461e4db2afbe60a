// SPDX-License-Identifier: Apache-2.0
#include "control/health/tcp_probe.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "control/health/failure.h"
#include "control/health/probe_socket.h"
#include "control/text/quote.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::health {
namespace {

bool is_quiet(const config::Check& check) {
    return check.send.empty() && check.receive.empty();
}

void delay_acknowledgements(int socket) {
    const int off = 0;
    setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
}

}  // namespace

TcpProbe::TcpProbe(Loop& loop, const Target& target, OnProbed on_probed)
    : loop_(loop),
      target_(target),
      on_probed_(std::move(on_probed)),
      answer_(target.check.receive),
      deadline_ns_(monotonic_ns() + target.check.timeout_ms * kNanosecondsPerMs),
      timer_(loop, [this] { on_timer(); }) {
    start();
    timer_.fire_at(early_result_ ? 0 : deadline_ns_);
}

void TcpProbe::start() {
    socket_ = open_probe_socket(target_.address.is_v4() ? AF_INET : AF_INET6);
    if (!socket_) {
        early_result_ = result_of_error(errno);
        return;
    }
    if (is_quiet(target_.check))
        delay_acknowledgements(socket_.get());
    const int error = connect();
    if (error != 0 && error != EINPROGRESS)
        early_result_ = result_of_error(error);
    else
        watch(FdWatch::Ready::kWritable);
}

// 0 or an errno. Called again, it reports what has become of the attempt: EALREADY while the SYN is
// unanswered.
int TcpProbe::connect() const {
    return connect_socket(socket_.get(), target_.address, target_.check.port);
}

void TcpProbe::watch(FdWatch::Ready ready) {
    try {
        watch_.emplace(loop_, socket_.get(), ready, [this] { on_ready(); });
    } catch (const std::runtime_error& error) {
        early_result_ = not_checked(error.what());
        timer_.fire_after(0);
    }
}

void TcpProbe::on_ready() {
    if (const std::optional<ProbeResult> result = advance())
        end(*result);
}

// A loop that is late may see the deadline before the answer.
void TcpProbe::on_timer() {
    if (early_result_)
        return end(*early_result_);
    const std::optional<ProbeResult> result = advance();
    end(result ? *result : judge_timeout());
}

std::optional<ProbeResult> TcpProbe::advance() {
    if (phase_ == Phase::kConnecting) {
        const int error = connect();
        if (error == EALREADY)
            return std::nullopt;
        if (error != 0 && error != EISCONN)
            return result_of_error(error);
        phase_ = Phase::kSending;
    }
    if (phase_ == Phase::kSending)
        return send();
    return receive();
}

std::optional<ProbeResult> TcpProbe::send() {
    const std::string_view rest = std::string_view(target_.check.send).substr(sent_bytes_);
    if (!rest.empty()) {
        const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN ? std::nullopt : std::optional(result_of_error(errno));
        sent_bytes_ += static_cast<std::size_t>(sent);
        if (static_cast<std::size_t>(sent) < rest.size())
            return std::nullopt;
    }
    if (target_.check.receive.empty())
        return good();
    phase_ = Phase::kReceiving;
    watch(FdWatch::Ready::kReadable);
    return receive();
}

std::optional<ProbeResult> TcpProbe::receive() {
    std::array<char, 16384> buffer;
    while (!answer_.found() && !answer_.is_full()) {
        const ssize_t received = recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (received < 0)
            return errno == EAGAIN ? std::nullopt : std::optional(result_of_error(errno));
        if (received == 0)
            return judge_end_of_answer();
        answer_.add({buffer.data(), static_cast<std::size_t>(received)});
    }
    return answer_.found() ? good() : judge_end_of_answer();
}

ProbeResult TcpProbe::judge_end_of_answer() const {
    const std::string wanted = text::quote(target_.check.receive);
    if (answer_.is_empty())
        return failed(fmt::format("connection closed without an answer, {} is expected", wanted));
    return failed(fmt::format("answer does not contain {}{}: {}", wanted,
                              answer_.is_full() ? " in its first 64 KiB" : "",
                              quote_answer(answer_.beginning())));
}

ProbeResult TcpProbe::judge_timeout() const {
    const config::Check& check = target_.check;
    ProbeResult result =
        result_of_timeout(check, phase_ != Phase::kConnecting, monotonic_ns() - deadline_ns_);
    if (result.kind == ProbeResult::Kind::kFailed && !answer_.is_empty())
        result.reason =
            fmt::format("answer does not contain {} within {} ms: {}", text::quote(check.receive),
                        check.timeout_ms, quote_answer(answer_.beginning()));
    return result;
}

// The callback may destroy this object.
void TcpProbe::end(ProbeResult result) {
    timer_.cancel();
    watch_.reset();
    socket_ = abi::Fd();
    const OnProbed on_probed = std::move(on_probed_);
    on_probed(std::move(result));
}

}  // namespace vipfwd::health
