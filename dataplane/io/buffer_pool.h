// SPDX-License-Identifier: Apache-2.0
// The pool of packet buffers, one for all ports.
#pragma once

#include <cstdint>

#include "dataplane/abi/result.h"
#include "dataplane/host/memory_plan.h"

struct rte_mempool;

namespace vipfwd::io {

// `packed`: buffers stand in one row without gaps, whatever pages they are on. AF_XDP needs that:
// its driver takes the pool's size for the row's length, and a buffer beyond would be lost with its
// packet. Devices that need physical addresses need gaps.
Result<rte_mempool*> make_buffer_pool(const host::MemoryPlan& memory, bool packed);

}  // namespace vipfwd::io
