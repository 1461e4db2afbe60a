// SPDX-License-Identifier: Apache-2.0
// Reads the counters of our XDP programs: `steer_stats` of steer.bpf.c and `decap_stats` of
// decap.bpf.c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

// The first `count` counters of a per-CPU map, each summed over all CPUs. `map` is a file
// descriptor.
Result<std::vector<std::uint64_t>> read_counters(int map, std::size_t count);

}  // namespace vipfwd::bpf
