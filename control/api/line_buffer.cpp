// SPDX-License-Identifier: Apache-2.0
#include "control/api/line_buffer.h"

namespace vipfwd::api {

void LineBuffer::append(std::string_view bytes) {
    // Lines that were taken are erased here, all at once: erasing each in take_line() would move
    // the remaining bytes every time.
    if (line_start_ > 0) {
        bytes_.erase(0, line_start_);
        if (has_line())
            line_end_ -= line_start_;
        line_start_ = 0;
    }
    const std::size_t seen = bytes_.size();
    bytes_ += bytes;
    if (!has_line())
        find_line(seen);
}

std::optional<std::string> LineBuffer::take_line() {
    if (!has_line())
        return std::nullopt;
    std::string line = bytes_.substr(line_start_, line_end_ - line_start_);
    line_start_ = line_end_ + 1;
    find_line(line_start_);
    return line;
}

bool LineBuffer::overlong() const {
    return (has_line() ? line_end_ : bytes_.size()) - line_start_ > limit_;
}

void LineBuffer::find_line(std::size_t from) {
    line_end_ = bytes_.find('\n', from);
}

}  // namespace vipfwd::api
