// SPDX-License-Identifier: Apache-2.0
// Sums of the workers' counters.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/abi/counter_list.h"

namespace vipfwd::view {

// The sum over all workers of `value`, which maps a worker's counters to a number.
template <typename Value>
std::uint64_t sum_workers(const abi::DataplaneStatus& status, Value value) {
    std::uint64_t sum = 0;
    for (const abi::WorkerStatus& worker : status.workers)
        sum += value(worker.counters);
    return sum;
}

// By row of abi::kWorkerCounters.
using WorkerSums = std::array<std::uint64_t, abi::kWorkerCounters.size()>;

WorkerSums sum_counters(const abi::DataplaneStatus& status);

}  // namespace vipfwd::view
