// SPDX-License-Identifier: Apache-2.0
// Numbers that stay the same from one generation to the next: counters and leases.
#pragma once

#include <cstdint>
#include <vector>

namespace vipfwd::table {

// Allocates numbers below a limit. It prefers numbers that the previous generation does not use,
// because workers may still count for that generation.
class NumberAllocator {
  public:
    explicit NumberAllocator(std::uint32_t limit) : previous_(limit), next_(limit) {}

    // The previous generation uses the number.
    void mark_previous(std::uint32_t number) { previous_[number] = true; }
    // The next generation uses the number, too: it is not allocated again.
    void keep(std::uint32_t number) { next_[number] = true; }
    // Requires that the next generation uses fewer numbers than the limit.
    std::uint32_t allocate();

  private:
    std::vector<bool> previous_;
    std::vector<bool> next_;
    std::uint32_t candidate_ = 0;
    bool reuse_ = false;  // all numbers that the previous generation does not use are allocated
};

}  // namespace vipfwd::table
