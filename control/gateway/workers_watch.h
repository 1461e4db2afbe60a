// SPDX-License-Identifier: Apache-2.0
// Whether the dataplane's workers do their work, as far as a control can tell that may have been
// asleep itself.
#pragma once

#include <cstdint>

#include "dataplane/abi/counters.h"

namespace vipfwd::gateway {

class WorkersWatch {
  public:
    // Times are CLOCK_MONOTONIC. Who is asked less often than this was asleep, perhaps with the
    // whole machine: what workers did not do meanwhile says nothing about them.
    static constexpr std::int64_t kLongestPause_ns = 200'000'000;

    // Those of the dataplane `pid`: it has begun, all have tables, and none is stuck
    // (abi::kStuckWorker_ns). What a predecessor left in the region is not its.
    bool all_work(const abi::DataplaneStatus& status, std::uint32_t pid, std::int64_t now_ns);

  private:
    std::int64_t looked_ns_ = 0;
    std::int64_t awake_since_ns_ = 0;
};

}  // namespace vipfwd::gateway
