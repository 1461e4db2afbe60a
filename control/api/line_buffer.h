// SPDX-License-Identifier: Apache-2.0
// Splits a byte stream into lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vipfwd::api {

class LineBuffer {
  public:
    // `limit` is in bytes, without the newline.
    explicit LineBuffer(std::size_t limit) : limit_(limit) {}

    // Scans every byte once, no matter how the stream is cut into pieces.
    void append(std::string_view bytes);

    bool has_line() const { return line_end_ != std::string::npos; }
    // Removes and returns the first line, without its newline; nullopt if no line is complete.
    std::optional<std::string> take_line();

    // True if the first line, complete or not, is longer than the limit.
    bool overlong() const;

  private:
    void find_line(std::size_t from);

    std::size_t limit_;
    std::string bytes_;
    std::size_t line_start_ = 0;
    std::size_t line_end_ = std::string::npos;  // of the first line's newline; npos: incomplete
};

}  // namespace vipfwd::api
