// SPDX-License-Identifier: Apache-2.0
#include "control/health/schedule.h"

#include "dataplane/abi/clock.h"

namespace vipfwd::health {

std::int64_t next_delay_ns(const config::Check& check, bool is_contrary, std::uint32_t random) {
    const std::int64_t interval_ms = is_contrary ? check.fast_interval_ms : check.interval_ms;
    const std::int64_t interval_ns = interval_ms * kNanosecondsPerMs;
    // 0.9 to 1: a jitter that only shortens keeps the bound on the time to notice a failure.
    const std::int64_t jitter_ns = interval_ns / 10 * (random % 1024) / 1024;
    return interval_ns - jitter_ns;
}

}  // namespace vipfwd::health
