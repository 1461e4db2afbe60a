// SPDX-License-Identifier: Apache-2.0
// Cycles of something, net of what surrounds it: three kinds of slices in turn, the surroundings
// alone, with a reference, and with the case, so that whatever the machine does meets all alike.
// Cycles are the TSC's.
#pragma once

#include <x86intrin.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace vipfwd::bench {

// Of many slices, in cycles a packet.
struct Figures {
    double p5 = 0;
    double p50 = 0;
};

struct Outcome {
    Figures subject;
    Figures reference;
};

inline Figures figures_of(std::vector<double> slices) {
    std::sort(slices.begin(), slices.end());
    return {slices[slices.size() / 20], slices[slices.size() / 2]};
}

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

// Each of the three runs over one slice; `between` is not timed.
template <typename Alone, typename Reference, typename Subject, typename Between>
Outcome interleave(const Slices& slices, const Alone& alone, const Reference& reference,
                   const Subject& subject, const Between& between) {
    std::vector<double> subject_cycles;
    std::vector<double> reference_cycles;
    for (std::uint32_t i = 0; i < slices.count; ++i) {
        const double outside = cycles_of(alone);
        const double with_reference = cycles_of(reference);
        const double with_subject = cycles_of(subject);
        subject_cycles.push_back((with_subject - outside) / slices.packets_each);
        reference_cycles.push_back((with_reference - outside) / slices.packets_each);
        between();
    }
    return {figures_of(subject_cycles), figures_of(reference_cycles)};
}

// TSC cycles of one dependent addition: less than 1 where the core runs faster than its TSC.
inline Figures cycles_of_addition() {
    constexpr std::uint32_t kAdditions = 100'000;
    std::vector<double> slices;
    for (int i = 0; i < 200; ++i) {
        slices.push_back(cycles_of([] {
                             std::uint64_t sum = 0;
                             for (std::uint32_t k = 0; k < kAdditions; ++k)
                                 asm volatile("add $1, %0" : "+r"(sum));
                         }) /
                         kAdditions);
    }
    return figures_of(slices);
}

// A result as a line of JSON, for scripts/bench. `name` has no quotes.
inline void print_line(const std::string& name, const char* unit, const Figures& figures) {
    std::printf(R"({"case": "%s", "unit": "%s", "value": %.2f, "p5": %.2f})"
                "\n",
                name.c_str(), unit, figures.p50, figures.p5);
    std::fflush(stdout);
}

inline void print_line(const std::string& name, const char* unit, const Figures& figures,
                       const char* reference, const Figures& reference_figures) {
    std::printf(R"({"case": "%s", "unit": "%s", "value": %.2f, "p5": %.2f, )"
                R"("reference": "%s", "reference_value": %.2f, "ratio": %.3f})"
                "\n",
                name.c_str(), unit, figures.p50, figures.p5, reference, reference_figures.p50,
                figures.p50 / reference_figures.p50);
    std::fflush(stdout);
}

}  // namespace vipfwd::bench
