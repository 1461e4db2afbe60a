// SPDX-License-Identifier: Apache-2.0
// Sums of the workers' counters.
#pragma once

#include <cstdint>

#include "dataplane/abi/counters.h"

namespace vipfwd::view {

// The drops of one worker, over all reasons.
std::uint64_t sum_dropped(const abi::WorkerCounters& counters);

// The sum over all workers of `value`, which maps a worker's counters to a number.
template <typename Value>
std::uint64_t sum_workers(const abi::DataplaneStatus& status, Value value) {
    std::uint64_t sum = 0;
    for (const abi::WorkerStatus& worker : status.workers)
        sum += value(worker.counters);
    return sum;
}

inline std::uint64_t sum_workers(const abi::DataplaneStatus& status,
                                 abi::SharedCounter abi::WorkerCounters::*counter) {
    return sum_workers(status, [counter](const abi::WorkerCounters& counters) {
        return (counters.*counter).read();
    });
}

}  // namespace vipfwd::view
