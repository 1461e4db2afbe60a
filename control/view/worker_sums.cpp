// SPDX-License-Identifier: Apache-2.0
#include "control/view/worker_sums.h"

namespace vipfwd::view {

WorkerSums sum_counters(const abi::DataplaneStatus& status) {
    WorkerSums sums{};
    for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i] = sum_workers(status, [i](const abi::WorkerCounters& counters) {
            return abi::kWorkerCounters[i].read(counters);
        });
    }
    return sums;
}

}  // namespace vipfwd::view
