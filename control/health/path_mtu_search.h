// SPDX-License-Identifier: Apache-2.0
// Which sizes of packets to try until it is known which is the largest that arrives: the largest
// that is sent, nearly always; else a binary search. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

namespace vipfwd::health {

class PathMtuSearch {
  public:
    // Bytes of an IP packet that every path carries.
    static constexpr std::uint32_t kSmallest = 128;
    // A packet may be lost by chance: a size does not arrive if so many packets of it do not.
    static constexpr int kAttempts = 3;

    explicit PathMtuSearch(std::uint32_t full)
        : full_(std::max(full, kSmallest)), size_(full_), lost_(full_ + 1) {}

    // Of the next packet, unless is_done().
    std::uint32_t size() const { return size_; }

    void note(bool has_arrived) {
        if (!has_arrived && ++attempts_ < kAttempts)
            return;
        attempts_ = 0;
        (has_arrived ? arrived_ : lost_) = size_;
        size_ = arrived_ == 0 ? kSmallest : arrived_ + (lost_ - arrived_) / 2;
    }

    bool is_done() const { return lost_ - arrived_ == 1 || lost_ == kSmallest; }
    std::uint32_t full() const { return full_; }
    // The largest that has arrived; 0: none, not even the smallest.
    std::uint32_t largest() const { return arrived_; }

  private:
    std::uint32_t full_;
    std::uint32_t size_;
    std::uint32_t arrived_ = 0;
    std::uint32_t lost_;  // the smallest that has not arrived
    int attempts_ = 0;
};

}  // namespace vipfwd::health
