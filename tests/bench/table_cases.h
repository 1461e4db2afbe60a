// SPDX-License-Identifier: Apache-2.0
// The parts of table_bench. Each prints its results.
#pragma once

#include "tests/bench/table_measure.h"

namespace vipfwd::bench {

inline constexpr std::size_t kPools[] = {1, 100, 1000};  // numbers of pools that are measured

void measure_rings(const Effort& effort);     // building a ring
void measure_publish(const Effort& effort);   // one change, in control and in the dataplane
void measure_decision(const Effort& effort);  // from a decision until the worker forwards by it
void tell_memory();

}  // namespace vipfwd::bench
