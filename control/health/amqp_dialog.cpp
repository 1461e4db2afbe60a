// SPDX-License-Identifier: Apache-2.0
#include "control/health/amqp_dialog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "control/health/failure.h"

namespace vipfwd::health {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kHeader = "AMQP\0\0\x09\x01"sv;
// Of Connection.Start: frame type METHOD, channel 0.
constexpr std::string_view kFrameBegin = "\x01\0\0"sv;
constexpr std::size_t kFrameHeaderBytes = 7;
constexpr char kFrameEnd = '\xce';
// Class connection, method start, AMQP version 0-9.
constexpr std::string_view kStart = "\0\x0a\0\x0a\0\x09"sv;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

std::size_t length_at(std::string_view bytes, std::size_t at) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
        length = length << 8 | byte_at(bytes, at + i);
    return length;
}

// Skips a table or a long string, which both begin with their length. False if it ends too late.
bool skip_long(std::string_view& rest) {
    if (rest.size() < 4 || length_at(rest, 0) > rest.size() - 4)
        return false;
    rest.remove_prefix(4 + length_at(rest, 0));
    return true;
}

// Properties of the server, its mechanisms and locales.
bool is_start(std::string_view payload) {
    if (!payload.starts_with(kStart))
        return false;
    payload.remove_prefix(kStart.size());
    return skip_long(payload) && skip_long(payload) && skip_long(payload) && payload.empty();
}

// Whether `received` can still become an answer that begins with `wanted`.
bool agrees(std::string_view received, std::string_view wanted) {
    return wanted.starts_with(received.substr(0, wanted.size()));
}

ProbeResult judge_header(std::string_view header) {
    return failed(fmt::format("the server wants protocol AMQP {}-{}-{}, not 0-9-1",
                              byte_at(header, 5), byte_at(header, 6), byte_at(header, 7)));
}

}  // namespace

std::string AmqpDialog::begin() {
    return std::string(kHeader);
}

std::optional<ProbeResult> AmqpDialog::receive(std::string_view bytes, std::string&) {
    received_ += bytes;
    if (agrees(received_, "AMQP")) {
        if (received_.size() < kHeader.size())
            return std::nullopt;
        return judge_header(received_);
    }
    if (!agrees(received_, kFrameBegin))
        return failed(fmt::format("answer is not AMQP: {}", quote_answer(received_)));
    if (received_.size() < kFrameHeaderBytes)
        return std::nullopt;
    const std::size_t length = length_at(received_, kFrameBegin.size());
    if (length >= kMaxAnswerBytes - kFrameHeaderBytes)
        return failed(fmt::format("answer is a frame of {} bytes, not Connection.Start", length));
    if (received_.size() <= kFrameHeaderBytes + length)
        return std::nullopt;
    if (received_[kFrameHeaderBytes + length] == kFrameEnd &&
        is_start(std::string_view(received_).substr(kFrameHeaderBytes, length)))
        return good();
    return failed("answer is not a well-formed Connection.Start");
}

std::optional<ProbeResult> AmqpDialog::judge_end(DialogEnd end) const {
    if (end != DialogEnd::kTimeout)
        return failed(fmt::format("connection closed {} Connection.Start",
                                  received_.empty() ? "before" : "in the middle of"));
    if (received_.empty())
        return std::nullopt;
    return failed("answer is not complete: the rest of Connection.Start is missing");
}

}  // namespace vipfwd::health
