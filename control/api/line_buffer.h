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
    // `longest` is how many bytes a line has at most, if the caller keeps to it.
    explicit LineBuffer(std::size_t longest) : longest_(longest) {}

    // Scans every byte once, no matter how the stream is cut into pieces. Copies none of them again
    // when the line becomes large.
    void append(std::string_view bytes);

    bool has_line() const { return line_end_ != std::string::npos; }
    // Removes and returns the first line, without its newline; nullopt if no line is complete.
    std::optional<std::string> take_line();

    // Of the first line, complete or not, without its newline.
    std::size_t line_bytes() const;
    // Of all lines that were not taken.
    std::size_t bytes() const { return bytes_.size() - line_start_; }

  private:
    void find_line(std::size_t from);
    std::string take_large_line();

    std::size_t longest_;
    std::string bytes_;
    std::size_t line_start_ = 0;
    std::size_t line_end_ = std::string::npos;  // of the first line's newline; npos: incomplete
};

}  // namespace vipfwd::api
