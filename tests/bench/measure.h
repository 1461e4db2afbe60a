// SPDX-License-Identifier: Apache-2.0
// Measures cycles without the cost of the surroundings. Three kinds of slices run in turn: the
// surroundings alone, with a reference, and with the case, so that changes of the machine's speed
// affect all of them alike. Cycles are TSC cycles.
#pragma once

#include <x86intrin.h>

#include <cstdint>

#include "tests/bench/result_line.h"

namespace vipfwd::bench {

// The results of many slices, in cycles per packet.
struct Outcome {
    Samples subject;
    Samples reference;
};

template <typename Run>
double cycles_of(const Run& run) {
    const std::uint64_t before = __rdtsc();
    run();
    return static_cast<double>(__rdtsc() - before);
}

struct Slices {
    std::uint32_t count = 0;
    double packets_each = 0;
};

// Each of the three functions runs one slice; `between` is not timed.
template <typename Alone, typename Reference, typename Subject, typename Between>
Outcome interleave(const Slices& slices, const Alone& alone, const Reference& reference,
                   const Subject& subject, const Between& between) {
    Outcome outcome;
    for (std::uint32_t i = 0; i < slices.count; ++i) {
        const double outside = cycles_of(alone);
        const double with_reference = cycles_of(reference);
        const double with_subject = cycles_of(subject);
        outcome.subject.add((with_subject - outside) / slices.packets_each);
        outcome.reference.add((with_reference - outside) / slices.packets_each);
        between();
    }
    return outcome;
}

// TSC cycles of one dependent addition: below 1 if the CPU runs faster than its TSC.
inline Samples cycles_of_addition() {
    constexpr std::uint32_t kAdditions = 100'000;
    Samples slices;
    for (int i = 0; i < 200; ++i) {
        slices.add(cycles_of([] {
                       std::uint64_t sum = 0;
                       for (std::uint32_t k = 0; k < kAdditions; ++k)
                           asm volatile("add $1, %0" : "+r"(sum));
                   }) /
                   kAdditions);
    }
    return slices;
}

}  // namespace vipfwd::bench
