// SPDX-License-Identifier: Apache-2.0
// Packets of the MySQL client/server protocol: splits a stream into them, and reads and writes what
// is in them. Sources: "Client/Server Protocol" in the documentation of MariaDB and of MySQL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vipfwd::health {

// Reads a payload from its front. What is not there makes the reader fail; it then reads zeros and
// empty texts.
class MysqlReader {
  public:
    explicit MysqlReader(std::string_view payload) : rest_(payload) {}

    bool has_failed() const { return has_failed_; }
    std::string_view rest() const { return rest_; }

    // Little-endian, of up to eight bytes.
    std::uint64_t integer(std::size_t bytes);
    std::string_view bytes(std::size_t count);
    // The text before the next NUL, which is skipped.
    std::string_view text_to_nul();
    // A text with its length before it. NULL reads as an empty one.
    std::string_view text();

  private:
    std::string_view rest_;
    bool has_failed_ = false;
};

// What follows the first byte (0xff) of an error packet: "error 1040: Too many connections".
std::string describe_mysql_error(std::string_view payload);

// `payload` with its header.
std::string mysql_packet(std::uint8_t sequence, std::string_view payload);

class MysqlStream {
  public:
    struct Packet {
        std::uint8_t sequence = 0;
        std::string payload;
    };

    static constexpr std::size_t kMaxPayloadBytes = 16384;

    void add(std::string_view bytes) { unread_ += bytes; }
    bool is_empty() const { return unread_.empty(); }
    // The next packet as soon as all of it was added. Call it only while !has_failed().
    std::optional<Packet> take();
    // The next packet is longer than kMaxPayloadBytes: what comes is not for us, or not MySQL.
    bool has_failed() const;
    // The bytes that are not taken yet.
    const std::string& unread() const { return unread_; }

  private:
    std::string unread_;
};

}  // namespace vipfwd::health
