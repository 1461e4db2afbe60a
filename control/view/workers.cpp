// SPDX-License-Identifier: Apache-2.0
#include "control/view/workers.h"

#include <algorithm>

#include "control/view/in_force.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::view {
namespace {

constexpr std::uint64_t kAlive_ns = kNanosecondsPerS;

std::optional<double> busy(const abi::WorkerCounters& counters) {
    // Read the empty polls first, so that they do not exceed all polls.
    const std::uint64_t empty = counters.polls_empty.read();
    const std::uint64_t all = counters.polls.read();
    if (all == 0)
        return std::nullopt;
    return 1.0 - static_cast<double>(std::min(empty, all)) / static_cast<double>(all);
}

WorkerRow worker(const abi::WorkerStatus& status, std::uint32_t number, std::uint64_t now_ns) {
    WorkerRow row{.number = number,
                  .generation = status.generation.load(),
                  .busy = busy(status.counters),
                  .counters = status.counters};
    const std::uint64_t heartbeat_ns = status.heartbeat_ns.load();
    if (heartbeat_ns == 0)
        return row;
    // The heartbeat may be later than the request.
    const std::uint64_t age_ns = now_ns - std::min(heartbeat_ns, now_ns);
    row.alive = age_ns < kAlive_ns;
    row.lcore = status.lcore.load();
    row.heartbeat_age_ms = age_ns / kNanosecondsPerMs;
    return row;
}

}  // namespace

std::vector<WorkerRow> workers(const Source& source) {
    std::vector<WorkerRow> rows;
    const abi::DataplaneStatus* status = dataplane_status(source);
    if (status == nullptr)
        return rows;
    const auto boot = booted(source);
    const std::uint32_t started = boot ? boot->worker_count : 0;
    for (std::uint32_t i = 0; i < abi::kMaxWorkers; ++i) {
        if (i < started || status->workers[i].heartbeat_ns.load() != 0)
            rows.push_back(worker(status->workers[i], i, source.now_ns));
    }
    return rows;
}

}  // namespace vipfwd::view
