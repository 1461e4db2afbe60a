// SPDX-License-Identifier: Apache-2.0
// Clock cycles of the CPU. The TSC counts at a constant rate, but a CPU changes the frequency of
// its clock with its load and temperature, and each kind of processor has its own ratio of both.
// Figures in clock cycles can be compared between machines; figures in TSC cycles cannot.
#pragma once

#include <x86intrin.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace vipfwd::bench {

// One duration in both units.
struct Cycles {
    double clock = 0;
    double tsc = 0;

    Cycles operator-(const Cycles& other) const { return {clock - other.clock, tsc - other.tsc}; }
    Cycles operator/(double divisor) const { return {clock / divisor, tsc / divisor}; }
};

// The number of TSC cycles that `run` takes.
template <typename Run>
double tsc_of(const Run& run) {
    const std::uint64_t before = __rdtsc();
    run();
    return static_cast<double>(__rdtsc() - before);
}

// Calibrates: returns the number of TSC cycles in one clock cycle, which is below 1 while the clock
// is faster than the TSC. A dependent addition of two registers takes exactly one clock cycle. An
// addition of a constant may take none: some processors compute it while they rename registers.
// Takes some 15 us. An interrupt can only prolong a round, so the shorter one counts.
inline double tsc_per_clock_cycle() {
    constexpr int kRounds = 2;
    constexpr std::uint32_t kTurns = 1000;
    constexpr std::uint32_t kAdditionsPerTurn = 16;
    double shorter = std::numeric_limits<double>::max();
    for (int i = 0; i < kRounds; ++i) {
        // The fences keep the counter from being read while earlier instructions are executed.
        const double tsc = tsc_of([] {
            std::uint64_t sum = 0;
            std::uint64_t left = kTurns;
            _mm_lfence();
            asm volatile(
                "1: .rept %c[times]\n\t"
                "add %[one], %[sum]\n\t"
                ".endr\n\t"
                "dec %[left]\n\t"
                "jnz 1b"
                : [sum] "+r"(sum), [left] "+r"(left)
                : [one] "r"(std::uint64_t{1}), [times] "i"(kAdditionsPerTurn)
                : "cc");
            _mm_lfence();
        });
        shorter = std::min(shorter, tsc);
    }
    return shorter / (kTurns * kAdditionsPerTurn);
}

}  // namespace vipfwd::bench
