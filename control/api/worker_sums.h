// SPDX-License-Identifier: Apache-2.0
// The workers' counters, added up.
#pragma once

#include <cstdint>

#include "dataplane/abi/counters.h"

namespace vipfwd::api {

// Over all drop reasons.
std::uint64_t sum_dropped(const abi::WorkerCounters& counters);

// Over all workers. `value` takes a worker's counters to a number.
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

}  // namespace vipfwd::api
