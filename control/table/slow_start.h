// SPDX-License-Identifier: Apache-2.0
// A backend that comes up gets its weight in steps, so that caches and connection pools can fill.
// Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "control/config/model.h"
#include "control/table/generation_tables.h"

namespace vipfwd::table {

inline constexpr std::uint32_t kSlowStartSteps = 10;

// Which step a backend has reached that has been up for so long: 1, at once, to kSlowStartSteps,
// with which it has all of its weight.
std::uint32_t slow_start_step(std::uint32_t slow_start_ms, std::uint64_t up_for_ms);

// When the next step of a backend in the tables is due, later than `now_ms` (both CLOCK_BOOTTIME);
// nullopt: all have taken their last one. `config` is the one in force.
std::optional<std::uint64_t> next_step_ms(const config::Config& config, const Tables& tables,
                                          std::uint64_t now_ms);

}  // namespace vipfwd::table
