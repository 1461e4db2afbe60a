// SPDX-License-Identifier: Apache-2.0
// Bytes as they arrive, taken out line by line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vipfwd::api {

class LineBuffer {
  public:
    // `limit` counts a line's bytes without its newline.
    explicit LineBuffer(std::size_t limit) : limit_(limit) {}

    // Looks at every byte once, however small the pieces.
    void append(std::string_view bytes);

    bool has_line() const { return line_end_ != std::string::npos; }
    // The first line, without its newline; nothing if none is complete.
    std::optional<std::string> take_line();

    // True if the first line, complete or not, is beyond the limit.
    bool overlong() const;

  private:
    void find_line(std::size_t from);

    std::size_t limit_;
    std::string bytes_;
    std::size_t line_start_ = 0;
    std::size_t line_end_ = std::string::npos;  // place of the first line's newline, if it is here
};

}  // namespace vipfwd::api
