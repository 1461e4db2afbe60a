// SPDX-License-Identifier: Apache-2.0
#include "control/health/mysql_packet.h"

#include <fmt/format.h>

#include "control/health/failure.h"

namespace vipfwd::health {
namespace {

constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kStateBytes = 6;  // "#HY000"

// Of the packet that begins `bytes`, which has a whole header.
std::size_t payload_bytes(std::string_view bytes) {
    return static_cast<std::size_t>(MysqlReader(bytes).integer(3));
}

}  // namespace

std::uint64_t MysqlReader::integer(std::size_t count) {
    const std::string_view little_endian = bytes(count);
    std::uint64_t value = 0;
    for (std::size_t i = little_endian.size(); i > 0; --i)
        value = value << 8 | static_cast<std::uint8_t>(little_endian[i - 1]);
    return value;
}

std::string_view MysqlReader::bytes(std::size_t count) {
    if (count > rest_.size()) {
        has_failed_ = true;
        rest_ = {};
        return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
}

std::string_view MysqlReader::text_to_nul() {
    const std::size_t end = rest_.find('\0');
    const std::string_view taken = bytes(end == std::string_view::npos ? rest_.size() + 1 : end);
    if (!has_failed_)
        rest_.remove_prefix(1);
    return taken;
}

std::string_view MysqlReader::text() {
    constexpr std::uint64_t kNull = 0xfb;
    const std::uint64_t first = integer(1);
    if (first < kNull)
        return bytes(static_cast<std::size_t>(first));
    if (first == kNull)
        return {};
    // 0xfc, 0xfd and 0xfe: a length of two, three or eight bytes follows. 0xff is no length.
    if (first == 0xff)
        has_failed_ = true;
    const std::size_t length_bytes = first == 0xfc ? 2 : first == 0xfd ? 3 : 8;
    const std::uint64_t length = integer(length_bytes);
    return bytes(has_failed_ ? 0 : static_cast<std::size_t>(length));
}

// The state (SQLSTATE) is absent before the login.
std::string describe_mysql_error(std::string_view payload) {
    MysqlReader reader(payload);
    const std::uint64_t code = reader.integer(2);
    if (reader.rest().starts_with('#'))
        reader.bytes(kStateBytes);
    return fmt::format("error {}: {}", code, shorten_answer(reader.rest()));
}

std::string mysql_packet(std::uint8_t sequence, std::string_view payload) {
    std::string packet;
    for (int shift = 0; shift < 24; shift += 8)
        packet += static_cast<char>(payload.size() >> shift & 0xff);
    packet += static_cast<char>(sequence);
    packet += payload;
    return packet;
}

std::optional<MysqlStream::Packet> MysqlStream::take() {
    if (unread_.size() < kHeaderBytes)
        return std::nullopt;
    const std::size_t end = kHeaderBytes + payload_bytes(unread_);
    if (unread_.size() < end)
        return std::nullopt;
    Packet packet{static_cast<std::uint8_t>(unread_[3]),
                  unread_.substr(kHeaderBytes, end - kHeaderBytes)};
    unread_.erase(0, end);
    return packet;
}

bool MysqlStream::has_failed() const {
    return unread_.size() >= kHeaderBytes && payload_bytes(unread_) > kMaxPayloadBytes;
}

}  // namespace vipfwd::health
