// SPDX-License-Identifier: Apache-2.0
// Nanoseconds in the other units of time.
#pragma once

#include <cstdint>

namespace vipfwd {

inline constexpr std::int64_t kNanosecondsPerS = 1'000'000'000;
inline constexpr std::int64_t kNanosecondsPerMs = 1'000'000;

}  // namespace vipfwd
