// SPDX-License-Identifier: Apache-2.0
// The system's clocks. Both processes compare times of CLOCK_MONOTONIC in the region.
#pragma once

#include <time.h>

#include <cstdint>

#include "dataplane/abi/time_units.h"

namespace vipfwd {

inline std::int64_t clock_ns(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return now.tv_sec * kNanosecondsPerS + now.tv_nsec;
}

inline std::int64_t monotonic_ns() {
    return clock_ns(CLOCK_MONOTONIC);
}

inline std::int64_t unix_ms() {
    return clock_ns(CLOCK_REALTIME) / 1'000'000;
}

// Since the machine started, including the time in which it was suspended.
inline std::uint64_t boottime_ms() {
    return static_cast<std::uint64_t>(clock_ns(CLOCK_BOOTTIME) / 1'000'000);
}

inline std::uint32_t boottime_s() {
    return static_cast<std::uint32_t>(clock_ns(CLOCK_BOOTTIME) / kNanosecondsPerS);
}

}  // namespace vipfwd
