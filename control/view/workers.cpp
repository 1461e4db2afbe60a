// SPDX-License-Identifier: Apache-2.0
#include "control/view/workers.h"

#include <algorithm>

#include "control/view/in_force.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::view {
namespace {

constexpr std::uint64_t kAlive_ns = kNanosecondsPerS;

std::optional<double> busy(const PollCounts& now, const PollCounts& before) {
    if (now.all <= before.all || now.empty < before.empty)
        return std::nullopt;
    const std::uint64_t all = now.all - before.all;
    const std::uint64_t empty = std::min(now.empty - before.empty, all);
    return 1.0 - static_cast<double>(empty) / static_cast<double>(all);
}

WorkerRow worker(const abi::WorkerStatus& status, std::uint32_t number, const Source& source) {
    const std::uint64_t now_ns = source.now_ns;
    const PollCounts polls = poll_counts(status.counters);
    WorkerRow row{.number = number,
                  .generation = status.generation.load(),
                  .busy_mean = busy(polls, {}),
                  .counters = status.counters};
    if (number < source.polls_before.size())
        row.busy = busy(polls, source.polls_before[number]);
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

// Reads the empty polls first, so that they do not exceed all polls.
PollCounts poll_counts(const abi::WorkerCounters& counters) {
    PollCounts counts;
    counts.empty = counters.polls_empty.read();
    counts.all = counters.polls.read();
    return counts;
}

std::vector<WorkerRow> workers(const Source& source) {
    std::vector<WorkerRow> rows;
    const abi::DataplaneStatus* status = dataplane_status(source);
    if (status == nullptr)
        return rows;
    const auto boot = booted(source);
    const std::uint32_t started = boot ? boot->worker_count : 0;
    for (std::uint32_t i = 0; i < abi::kMaxWorkers; ++i) {
        if (i < started || status->workers[i].heartbeat_ns.load() != 0)
            rows.push_back(worker(status->workers[i], i, source));
    }
    return rows;
}

}  // namespace vipfwd::view
