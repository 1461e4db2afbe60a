// SPDX-License-Identifier: Apache-2.0
// The maps of our XDP programs that count: `steer_stats` of steer.bpf.c, `decap_stats` of
// decap.bpf.c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

// The first `count` counters of a per-CPU map, by its file descriptor; each the sum over all CPUs.
Result<std::vector<std::uint64_t>> read_counters(int map, std::size_t count);

}  // namespace vipfwd::bpf
