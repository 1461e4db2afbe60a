// SPDX-License-Identifier: Apache-2.0
// Measures times for table_bench.
#pragma once

#include <chrono>
#include <stdexcept>
#include <utility>

#include "dataplane/abi/result.h"
#include "tests/bench/result_line.h"

namespace vipfwd::bench {

using Clock = std::chrono::steady_clock;

// How often each case is repeated.
struct Effort {
    bool quick = false;

    std::size_t rounds(std::size_t full) const { return quick ? (full + 4) / 5 : full; }
};

inline double us_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

template <typename Work>
double us_of(Work&& work) {
    const Clock::time_point start = Clock::now();
    work();
    return us_since(start);
}

inline void must(const Result<void>& result) {
    if (!result)
        throw std::runtime_error(result.error().message);
}

template <typename Value>
Value must(Result<Value> result) {
    if (!result)
        throw std::runtime_error(result.error().message);
    return std::move(*result);
}

}  // namespace vipfwd::bench
