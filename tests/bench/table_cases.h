// SPDX-License-Identifier: Apache-2.0
// The parts of table_bench. Each prints its lines.
#pragma once

#include "tests/bench/table_measure.h"

namespace vipfwd::bench {

inline constexpr std::size_t kPools[] = {1, 100, 1000};  // that tables have

void measure_rings(const Effort& effort);     // building one
void measure_publish(const Effort& effort);   // one change: control's side, and the dataplane's
void measure_decision(const Effort& effort);  // from a decision to the worker that goes by it
void tell_memory();

}  // namespace vipfwd::bench
