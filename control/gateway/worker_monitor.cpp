// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/worker_monitor.h"

#include <algorithm>
#include <span>
#include <utility>

namespace vipfwd::gateway {

bool WorkerMonitor::observe(const abi::DataplaneStatus& status, std::uint32_t pid,
                            std::int64_t now_ns) {
    if (status.pid.load() != pid)
        return false;
    if (now_ns - std::exchange(observed_at_ns_, now_ns) > kLongestPause_ns)
        running_since_ns_ = now_ns;
    const auto running_for_ns = static_cast<std::uint64_t>(now_ns - running_since_ns_);
    const auto workers =
        std::span(status.workers)
            .first(std::clamp<std::uint32_t>(status.booted.worker_count, 1, abi::kMaxWorkers));
    return std::ranges::all_of(workers, [&](const abi::WorkerStatus& worker) {
        return worker.generation.load() != 0 &&
               (running_for_ns <= abi::kStuckWorker_ns ||
                !worker.is_stuck(static_cast<std::uint64_t>(now_ns)));
    });
}

}  // namespace vipfwd::gateway
