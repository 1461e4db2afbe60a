// SPDX-License-Identifier: Apache-2.0
#include "control/health/http_probe.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "control/health/failure.h"
#include "control/health/http_failure.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::health {
namespace {

constexpr std::size_t kMaxHeaderBytes = 65536;
// A new version of a file of certificates is used after this time at the latest. libcurl keeps what
// it has read meanwhile: to parse the system's takes it some 20 ms.
constexpr long kCertificatesAge_s = 60;
// libcurl looks at its own time-out before it looks at the socket, so that it would take an answer
// for a time-out when this process is late. The probe's timer decides instead; this is for never.
constexpr long kNever_ms = 86'400'000;

bool is_expected(const config::Check& check, long status) {
    return std::ranges::any_of(check.expect, [&](const config::StatusRange& range) {
        return range.first <= status && status <= range.last;
    });
}

std::string address_and_port(const IpAddress& to, std::uint16_t port) {
    const std::string address = to_string(to);
    return to.is_v4() ? fmt::format("{}:{}", address, port) : fmt::format("[{}]:{}", address, port);
}

bool is_https(const config::Check& check) {
    return check.type == config::CheckType::kHttps;
}

}  // namespace

HttpProbe::HttpProbe(Loop& loop, CurlLoop& curl_loop, const config::Check& check, const Way& way,
                     OnProbed on_probed)
    : curl_loop_(curl_loop),
      check_(check),
      way_(way),
      on_probed_(std::move(on_probed)),
      timer_(loop, [this] { on_timer(); }),
      easy_(curl_easy_init()),
      body_(check.contains) {
    if (!start())
        result_ = not_checked("out of memory");
    set_deadline();
    if (result_)
        timer_.fire_after(0);
}

HttpProbe::~HttpProbe() {
    stop();
}

bool HttpProbe::start() {
    if (!easy_ || !set_options() || !set_address())
        return false;
    if (is_https(check_))
        set_tls();
    is_added_ = curl_loop_.add(easy_.get(), *this);
    return is_added_;
}

bool HttpProbe::set_options() {
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    // libcurl caches addresses, too. They stay for ever: there are no more than backends, and to
    // find old ones libcurl would look through all addresses after each transfer.
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kNever_ms);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "vipfwd") == CURLE_OK;
}

// The URL has the name that the server is asked for. The connection always goes to the address, so
// that no name is ever resolved, which would block.
bool HttpProbe::set_address() {
    const std::string address = address_and_port(way_.to, check_.port);
    const std::string url = fmt::format("{}://{}/", is_https(check_) ? "https" : "http",
                                        check_.host.empty() ? address : check_.host);
    connect_to_.reset(curl_slist_append(nullptr, fmt::format("::{}", address).c_str()));
    CURL* easy = easy_.get();
    return connect_to_ && curl_easy_setopt(easy, CURLOPT_URL, url.c_str()) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, check_.path.c_str()) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get()) == CURLE_OK;
}

void HttpProbe::set_tls() {
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, check_.verify ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, check_.verify ? 2L : 0L);
    // Leave out the system's folder of certificates: libcurl would trust it beside ca_file, and
    // would cache no certificates. The system's file has the same ones.
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, kCertificatesAge_s);
    if (check_.verify && !check_.ca_file.empty())
        curl_easy_setopt(easy, CURLOPT_CAINFO, check_.ca_file.c_str());
}

void HttpProbe::set_deadline() {
    deadline_ns_ = monotonic_ns() + check_.timeout_ms * kNanosecondsPerMs;
    timer_.fire_at(deadline_ns_);
}

// The time runs from here, in the next turn of the loop after the start: the backend must not pay
// for a long turn.
curl_socket_t HttpProbe::open_socket(void* self, curlsocktype, curl_sockaddr*) noexcept {
    auto& probe = *static_cast<HttpProbe*>(self);
    abi::Fd socket = open_probe_socket(probe.way_);
    if (!socket)
        probe.result_ = result_of_error(errno);
    probe.set_deadline();
    probe.socket_ = socket ? socket.release() : CURL_SOCKET_BAD;
    return probe.socket_;
}

std::size_t HttpProbe::on_header(char* text, std::size_t, std::size_t bytes, void* self) noexcept {
    auto& probe = *static_cast<HttpProbe*>(self);
    probe.take_header_line({text, bytes});
    return probe.result_ ? 0 : bytes;
}

std::size_t HttpProbe::on_body(char* text, std::size_t, std::size_t bytes, void* self) noexcept {
    auto& probe = *static_cast<HttpProbe*>(self);
    probe.take_body({text, bytes});
    return probe.result_ ? 0 : bytes;
}

// Also gets the headers of interim answers (100 to 199) and those that follow a body.
void HttpProbe::take_header_line(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > kMaxHeaderBytes)
        result_ = failed("header of the answer is longer than 64 KiB");
    else if (!is_header_complete_ && (line == "\r\n" || line == "\n"))
        take_header_end();
}

void HttpProbe::take_header_end() {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status >= 100 && status < 200 && status != 101)
        return;
    is_header_complete_ = true;
    if (!is_expected(check_, status))
        result_ = failed(fmt::format("HTTP status {}", status));
    else if (check_.contains.empty())
        result_ = good();
}

void HttpProbe::take_body(std::string_view piece) {
    body_.add(piece);
    if (body_.found())
        result_ = good();
    else if (body_.is_full())
        result_ = failed(fmt::format("first 64 KiB of the body do not contain {}",
                                     text::quote(check_.contains)));
}

void HttpProbe::on_done(CURLcode code) {
    end(judge(code));
}

void HttpProbe::on_watch_failed(const char* reason) {
    result_ = not_checked(reason);
    timer_.fire_after(0);
}

// At the deadline, libcurl looks once more: an answer may be there which the loop was late to see.
void HttpProbe::on_timer() {
    if (result_)
        return end(*result_);
    if (late_ns_)
        return end(judge_timeout());
    late_ns_ = monotonic_ns() - deadline_ns_;
    timer_.fire_after(0);
    if (socket_ != CURL_SOCKET_BAD)
        curl_loop_.look(socket_);  // may end and destroy this probe
}

ProbeResult HttpProbe::judge(CURLcode code) const {
    if (result_)
        return *result_;
    if (code == CURLE_OK)
        return judge_incomplete();
    if (code == CURLE_OPERATION_TIMEDOUT)  // the kernel's, if it gives up before the deadline
        return result_of_error(ETIMEDOUT);
    return result_of_transfer(easy_.get(), code, error_text_.data(), check_);
}

// The connection was closed, or the answer has ended, before there was a result.
ProbeResult HttpProbe::judge_incomplete() const {
    if (!is_header_complete_)
        return failed("connection closed within the header of the answer");
    return failed(
        fmt::format("body does not contain {}{}", text::quote(check_.contains),
                    body_.is_empty() ? ": it is empty" : ": " + quote_answer(body_.beginning())));
}

ProbeResult HttpProbe::judge_timeout() const {
    ProbeResult result = result_of_timeout(check_, is_connected(socket_), *late_ns_);
    if (result.kind == ProbeResult::Kind::kFailed && header_bytes_ > 0)
        result.reason = fmt::format("answer is not complete within {} ms", check_.timeout_ms);
    return result;
}

// Closes the connection. Not to be called from inside libcurl.
void HttpProbe::stop() {
    timer_.cancel();
    if (std::exchange(is_added_, false))
        curl_loop_.remove(easy_.get());
    easy_.reset();
}

// The callback may destroy this object.
void HttpProbe::end(ProbeResult result) {
    stop();
    const OnProbed on_probed = std::move(on_probed_);
    on_probed(std::move(result));
}

}  // namespace vipfwd::health
