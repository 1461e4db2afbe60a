// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/allocation_record.h"

#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <atomic>
#include <utility>

namespace vipfwd::io {
namespace {

// The pool's own operations, while a record replaces them.
rte_mempool_dequeue_t original_dequeue = nullptr;
rte_mempool_enqueue_t original_enqueue = nullptr;
thread_local AllocationRecord* own_record = nullptr;  // of this thread; null: none

template <typename Operation>
void replace(Operation& operation, Operation by) {
    std::atomic_ref(operation).store(by, std::memory_order_release);
}

}  // namespace

// An empty cache makes this thread ask the pool for every buffer.
AllocationRecord::AllocationRecord(rte_mempool* pool) : pool_(pool) {
    flush_cache();
    own_record = this;
    rte_mempool_ops* const operations = rte_mempool_get_ops(pool->ops_index);
    original_dequeue = operations->dequeue;
    original_enqueue = operations->enqueue;
    replace(operations->dequeue, &AllocationRecord::dequeue);
    replace(operations->enqueue, &AllocationRecord::enqueue);
}

AllocationRecord::~AllocationRecord() {
    rte_mempool_ops* const operations = rte_mempool_get_ops(pool_->ops_index);
    replace(operations->dequeue, original_dequeue);
    replace(operations->enqueue, original_enqueue);
    own_record = nullptr;
}

void AllocationRecord::flush_cache() const {
    if (rte_mempool_cache* cache = rte_mempool_default_cache(pool_, rte_lcore_id()))
        rte_mempool_cache_flush(cache, pool_);
}

void AllocationRecord::free_taken() {
    flush_cache();
    for (void* buffer : std::exchange(taken_, {}))
        rte_pktmbuf_free(static_cast<rte_mbuf*>(buffer));
}

int AllocationRecord::dequeue(rte_mempool* pool, void** buffers, unsigned count) {
    const int fault = original_dequeue(pool, buffers, count);
    if (fault == 0 && own_record != nullptr && own_record->pool_ == pool)
        own_record->taken_.insert(buffers, buffers + count);
    return fault;
}

int AllocationRecord::enqueue(rte_mempool* pool, void* const* buffers, unsigned count) {
    if (own_record != nullptr && own_record->pool_ == pool) {
        for (unsigned i = 0; i < count; ++i)
            own_record->taken_.erase(buffers[i]);
    }
    return original_enqueue(pool, buffers, count);
}

}  // namespace vipfwd::io
