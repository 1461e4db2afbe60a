// SPDX-License-Identifier: Apache-2.0
// The pool of packet buffers, one for all ports.
#pragma once

#include <cstdint>

#include "dataplane/abi/result.h"
#include "dataplane/host/memory_plan.h"

struct rte_mempool;

namespace vipfwd::io {

// `packed`: buffers are adjacent in memory, across page boundaries too. AF_XDP needs that: its
// driver computes the end of the pool from the size of the pool, and would lose packets in buffers
// beyond it. Devices that use physical addresses need pools that are not packed.
Result<rte_mempool*> make_buffer_pool(const host::MemoryPlan& memory, bool packed);

}  // namespace vipfwd::io
