// SPDX-License-Identifier: Apache-2.0
// Measures cycles without the cost of the surroundings. Three kinds of slices run in turn: the
// surroundings alone, with a reference, and with the case, so that changes of the machine's speed
// affect all of them alike.
#pragma once

#include <cmath>
#include <cstdint>

#include "tests/bench/clock.h"
#include "tests/bench/cycle_samples.h"
#include "tests/bench/interruptions.h"

namespace vipfwd::bench {

// Times several runs, calibrates the clock before and after each run, and says whether the times
// are valid.
class Stopwatch {
  public:
    template <typename Run>
    Cycles time(const Run& run) {
        return convert(tsc_of(run));
    }

    // Converts a duration that has just ended.
    Cycles convert(double tsc) {
        const double before = calibration_;
        calibration_ = tsc_per_clock_cycle();
        const double mean = (before + calibration_) / 2;
        is_steady_ = is_steady_ && std::abs(before - calibration_) <= kTolerance * mean;
        return {tsc / mean, tsc};
    }

    // Whether the clock kept its frequency during each run, and nothing interrupted them.
    bool is_valid() const {
        return is_steady_ && interruptions_ == Interruptions::of_this_thread();
    }

  private:
    static constexpr double kTolerance = 0.03;  // two calibrations of a steady clock differ by less

    Interruptions interruptions_ = Interruptions::of_this_thread();
    double calibration_ = tsc_per_clock_cycle();
    bool is_steady_ = true;
};

// The results of many slices, in cycles per packet.
struct Outcome {
    CycleSamples subject;
    CycleSamples reference;
};

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
        Stopwatch stopwatch;
        const Cycles outside = stopwatch.time(alone);
        const Cycles with_reference = stopwatch.time(reference);
        const Cycles with_subject = stopwatch.time(subject);
        const bool is_valid = stopwatch.is_valid();
        outcome.subject.add((with_subject - outside) / slices.packets_each, is_valid);
        outcome.reference.add((with_reference - outside) / slices.packets_each, is_valid);
        between();
    }
    return outcome;
}

}  // namespace vipfwd::bench
