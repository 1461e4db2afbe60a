// SPDX-License-Identifier: Apache-2.0
// Samples in cycles. Invalid ones, during which the clock changed or the thread was interrupted,
// are counted and left out.
#pragma once

#include <cstddef>

#include "tests/bench/clock.h"
#include "tests/bench/samples.h"

namespace vipfwd::bench {

class CycleSamples {
  public:
    void add(const Cycles& value, bool is_valid) {
        ++count_;
        if (!is_valid)
            return;
        clock_.add(value.clock);
        tsc_.add(value.tsc);
    }

    std::size_t count() const { return count_; }
    std::size_t gated() const { return count_ - clock_.count(); }  // left out
    // Whether there are enough valid samples for a figure.
    bool are_enough() const { return clock_.count() > 0 && clock_.count() * kLeastShare >= count_; }
    // The rest requires that.
    Cycles median() const { return {clock_.median(), tsc_.median()}; }
    double p5() const { return clock_.p5(); }  // clock cycles

  private:
    static constexpr std::size_t kLeastShare = 10;  // one sample in this many must be valid

    std::size_t count_ = 0;
    Samples clock_;
    Samples tsc_;
};

}  // namespace vipfwd::bench
