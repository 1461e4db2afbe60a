// SPDX-License-Identifier: Apache-2.0
// Reads the input of a fuzzer from its front.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace vipfwd::fuzz {

class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

    bool empty() const { return rest_.empty(); }
    // The next number; 0 at the end.
    template <typename T>
    T take() {
        T value{};
        const std::size_t size = rest_.size() < sizeof value ? rest_.size() : sizeof value;
        std::memcpy(&value, rest_.data(), size);
        rest_ = rest_.subspan(size);
        return value;
    }
    // Up to `size` bytes, in memory of exactly that size, so that a sanitizer notices any access
    // beyond.
    std::vector<std::uint8_t> take_bytes(std::size_t size) {
        const auto taken = rest_.first(rest_.size() < size ? rest_.size() : size);
        rest_ = rest_.subspan(taken.size());
        return {taken.begin(), taken.end()};
    }
    std::vector<std::uint8_t> take_all() { return take_bytes(rest_.size()); }

  private:
    std::span<const std::uint8_t> rest_;
};

}  // namespace vipfwd::fuzz
