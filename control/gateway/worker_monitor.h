// SPDX-License-Identifier: Apache-2.0
// Judges by heartbeats whether all workers of the dataplane run, allowing for pauses of control
// itself.
#pragma once

#include <cstdint>

#include "dataplane/abi/counters.h"

namespace vipfwd::gateway {

class WorkerMonitor {
  public:
    // Times are CLOCK_MONOTONIC. If observe() is not called for this long, control was not
    // scheduled, perhaps because the whole machine was paused: missing heartbeats of that time do
    // not count against the workers.
    static constexpr std::int64_t kLongestPause_ns = 200'000'000;

    // Whether the dataplane with that pid has written its status, and each of its workers has
    // tables and a heartbeat that is not older than abi::kStuckWorker_ns. A former dataplane's
    // status, still in the region, does not count. To be called often; each call is an observation.
    bool observe(const abi::DataplaneStatus& status, std::uint32_t pid, std::int64_t now_ns);

  private:
    std::int64_t observed_at_ns_ = 0;
    std::int64_t running_since_ns_ = 0;  // the end of control's last pause
};

}  // namespace vipfwd::gateway
