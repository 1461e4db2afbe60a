// SPDX-License-Identifier: Apache-2.0
#include "control/api/line_buffer.h"

#include <utility>

namespace vipfwd::api {
namespace {

// A line of more bytes takes some ms to copy, if it is much longer.
constexpr std::size_t kLargeBytes = std::size_t{1} << 20;

}  // namespace

void LineBuffer::append(std::string_view bytes) {
    // Lines that were taken are erased here, all at once: erasing each in take_line() would move
    // the remaining bytes every time.
    if (line_start_ > 0) {
        bytes_.erase(0, line_start_);
        if (has_line())
            line_end_ -= line_start_;
        line_start_ = 0;
    }
    // Address space for the longest line: memory is used only as bytes arrive.
    if (bytes_.size() > kLargeBytes && longest_ > bytes_.capacity())
        bytes_.reserve(longest_);
    const std::size_t seen = bytes_.size();
    bytes_ += bytes;
    if (!has_line())
        find_line(seen);
}

std::optional<std::string> LineBuffer::take_line() {
    if (!has_line())
        return std::nullopt;
    if (line_bytes() > kLargeBytes)
        return take_large_line();
    std::string line = bytes_.substr(line_start_, line_end_ - line_start_);
    line_start_ = line_end_ + 1;
    find_line(line_start_);
    return line;
}

// Moves the line and copies what follows it, which is less than append() was last called with.
std::string LineBuffer::take_large_line() {
    std::string rest = bytes_.substr(line_end_ + 1);
    bytes_.resize(line_end_);
    bytes_.erase(0, std::exchange(line_start_, 0));
    std::string line = std::exchange(bytes_, std::move(rest));
    find_line(0);
    return line;
}

std::size_t LineBuffer::line_bytes() const {
    return (has_line() ? line_end_ : bytes_.size()) - line_start_;
}

void LineBuffer::find_line(std::size_t from) {
    line_end_ = bytes_.find('\n', from);
}

}  // namespace vipfwd::api
