// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/buffer_pool.h"

#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include <string>

namespace vipfwd::io {
namespace {

constexpr unsigned kCachedBuffers = 256;  // in the cache of each lcore

}  // namespace

// Like rte_pktmbuf_pool_create(), which has no parameter for flags.
Result<rte_mempool*> make_buffer_pool(const host::MemoryPlan& memory, bool packed) {
    const Error no_memory{"no memory for " + std::to_string(memory.buffers) + " packet buffers"};
    const unsigned bytes = static_cast<unsigned>(sizeof(rte_mbuf)) + memory.buffer_bytes;
    rte_mempool* pool = rte_mempool_create_empty(
        "buffers", memory.buffers, bytes, kCachedBuffers, sizeof(rte_pktmbuf_pool_private),
        static_cast<int>(rte_socket_id()), packed ? RTE_MEMPOOL_F_NO_IOVA_CONTIG : 0);
    if (pool == nullptr)
        return no_memory;
    rte_pktmbuf_pool_private properties{};
    properties.mbuf_data_room_size = static_cast<std::uint16_t>(memory.buffer_bytes);
    rte_pktmbuf_pool_init(pool, &properties);
    if (rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), nullptr) != 0 ||
        rte_mempool_populate_default(pool) != static_cast<int>(memory.buffers)) {
        rte_mempool_free(pool);
        return no_memory;
    }
    rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
    return pool;
}

}  // namespace vipfwd::io
