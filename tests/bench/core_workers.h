// SPDX-License-Identifier: Apache-2.0
// Measures how much more two workers do than one. Each has its own data and its own CPU, as in the
// dataplane.
#pragma once

#include <immintrin.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "tests/bench/binding.h"
#include "tests/bench/measure.h"

namespace vipfwd::bench {

// A barrier of two threads that spin, as workers do: a CPU that was idle is slow at first.
class Meeting {
  public:
    void arrive_and_wait() {
        const std::uint32_t all = arrived_.fetch_add(1) / 2 * 2 + 2;
        while (arrived_.load() < all)
            _mm_pause();
    }

  private:
    std::atomic<std::uint32_t> arrived_ = 0;
};

// `work(i)` runs a slice of worker i. Returns the sum of both rates, relative to the rate of one
// worker alone: neither waits for the other, as in the dataplane.
template <typename Work>
Samples rate_of_two(std::uint32_t slices, const Work& work) {
    Samples ratios;
    Meeting meeting;
    double alone = 0;
    double together = 0;
    const auto run = [&](int worker) {
        const Binding binding(worker == 0 ? Binding::To::kLast : Binding::To::kFirst);
        for (std::uint32_t i = 0; i < slices; ++i) {
            meeting.arrive_and_wait();
            if (worker == 0)
                alone = tsc_of([&] { work(0); });
            meeting.arrive_and_wait();
            const double mine = tsc_of([&] { work(worker); });
            meeting.arrive_and_wait();
            if (worker == 0)
                together = mine;
            meeting.arrive_and_wait();
            if (worker == 1)
                ratios.add(alone / together + alone / mine);
        }
    };
    std::thread second(run, 1);
    run(0);
    second.join();
    return ratios;
}

// A slice of independent additions that touch no memory. What the machine gains from running two of
// these bounds what it can gain from two workers.
inline void add_only() {
    constexpr std::uint32_t kTimes = 100'000;
    std::uint64_t sums[4] = {};
    for (std::uint32_t i = 0; i < kTimes; ++i) {
        asm volatile("add $1, %0; add $1, %1; add $1, %2; add $1, %3"
                     : "+r"(sums[0]), "+r"(sums[1]), "+r"(sums[2]), "+r"(sums[3]));
    }
}

}  // namespace vipfwd::bench
