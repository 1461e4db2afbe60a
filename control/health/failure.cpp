// SPDX-License-Identifier: Apache-2.0
#include "control/health/failure.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "control/text/quote.h"
#include "control/text/utf8.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::health {
namespace {

using Kind = ProbeResult::Kind;

constexpr std::size_t kMaxAnswerBytes = 60;

Kind kind_of(int error) {
    switch (error) {
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
        case EADDRNOTAVAIL:  // no local port is free, or this machine has no address of the family
        case EAFNOSUPPORT:
        case EAGAIN:
        case EPERM:  // the machine's own packet filter
            return Kind::kNone;
        case ETIMEDOUT:
        case EHOSTUNREACH:
        case EHOSTDOWN:
        case ENETUNREACH:
        case ENETDOWN:
        case EACCES:  // an ICMPv6 error: administratively prohibited
            return Kind::kUnreachable;
        default:
            return Kind::kFailed;
    }
}

std::string text_of(int error) {
    switch (error) {
        case ECONNREFUSED:
            return "connection refused";
        case ECONNRESET:
        case EPIPE:
        case ECONNABORTED:
            return "connection reset";
        case EHOSTUNREACH:
            return "no route to the host, or no answer to ARP or neighbor discovery";
        case ENETUNREACH:
            return "no route to the network";
        default:
            return std::strerror(error);
    }
}

// Ends at a boundary of characters if `text` is UTF-8.
std::string_view cut(std::string_view text) {
    if (text.size() <= kMaxAnswerBytes)
        return text;
    const std::string_view shown = text.substr(0, kMaxAnswerBytes);
    const auto invalid_at = text::find_invalid_utf8(shown);
    return invalid_at && *invalid_at + 3 >= kMaxAnswerBytes ? shown.substr(0, *invalid_at) : shown;
}

std::string with_escaped_bytes(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80)
            escaped += c;
        else
            escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return escaped;
}

}  // namespace

ProbeResult good() {
    return {Kind::kGood, ""};
}

ProbeResult failed(std::string reason) {
    return {Kind::kFailed, std::move(reason)};
}

ProbeResult not_checked(std::string_view reason) {
    return {Kind::kNone, fmt::format("not checked: {}", reason)};
}

ProbeResult result_of_error(int error) {
    const Kind kind = kind_of(error);
    return kind == Kind::kNone ? not_checked(text_of(error)) : ProbeResult{kind, text_of(error)};
}

ProbeResult result_of_timeout(const config::Check& check, bool is_connected, std::int64_t late_ns) {
    if (late_ns > kMaxLateness_ms * kNanosecondsPerMs)
        return not_checked(fmt::format("this process was {} ms late to look for the answer",
                                       late_ns / kNanosecondsPerMs));
    if (!is_connected)
        return {Kind::kUnreachable, fmt::format("no answer within {} ms", check.timeout_ms)};
    return failed(fmt::format("connected, but no answer within {} ms", check.timeout_ms));
}

std::string shorten_answer(std::string_view answer) {
    const std::string_view shown = cut(answer);
    const char* rest = shown.size() < answer.size() ? "..." : "";
    if (text::find_invalid_utf8(shown))
        return text::printable(with_escaped_bytes(shown)) + rest;
    return text::printable(shown) + rest;
}

std::string quote_answer(std::string_view answer) {
    return "'" + shorten_answer(answer) + "'";
}

}  // namespace vipfwd::health
