// SPDX-License-Identifier: Apache-2.0
// Looks for a text in an answer that comes in pieces, and in its first 64 KiB only. It keeps the
// beginning, for messages, and what a match across the boundary of two pieces needs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vipfwd::health {

class AnswerSearch {
  public:
    static constexpr std::size_t kMaxBytes = 65536;

    // `wanted` is not empty, unless nothing is added, and outlives this object.
    explicit AnswerSearch(std::string_view wanted) : wanted_(wanted) {}

    void add(std::string_view piece);

    bool found() const { return found_; }
    // More would not be looked at.
    bool is_full() const { return bytes_ == kMaxBytes; }
    bool is_empty() const { return bytes_ == 0; }
    // The first bytes of the answer, more than a message quotes.
    const std::string& beginning() const { return beginning_; }

  private:
    std::string_view wanted_;
    std::size_t bytes_ = 0;
    bool found_ = false;
    std::string beginning_;
    std::string tail_;  // shorter than wanted_
};

}  // namespace vipfwd::health
