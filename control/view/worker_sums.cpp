// SPDX-License-Identifier: Apache-2.0
#include "control/view/worker_sums.h"

namespace vipfwd::view {

std::uint64_t sum_dropped(const abi::WorkerCounters& counters) {
    std::uint64_t sum = 0;
    for (const abi::SharedCounter& reason : counters.dropped)
        sum += reason.read();
    return sum;
}

}  // namespace vipfwd::view
