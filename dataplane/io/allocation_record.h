// SPDX-License-Identifier: Apache-2.0
// Which packet buffers this thread takes from a pool and does not give back. DPDK's AF_XDP driver
// loses the buffers of a queue if it fails to open it: the record finds them again.
#pragma once

#include <set>

struct rte_mempool;

namespace vipfwd::io {

// While the object exists, which must be the only one, the pool's operations go through it. Other
// threads may use the pool meanwhile.
class AllocationRecord {
  public:
    explicit AllocationRecord(rte_mempool* pool);
    AllocationRecord(const AllocationRecord&) = delete;
    AllocationRecord& operator=(const AllocationRecord&) = delete;
    ~AllocationRecord();

    // Frees the buffers that this thread has taken since the record began and not given back.
    void free_taken();

  private:
    static int dequeue(rte_mempool* pool, void** buffers, unsigned count);
    static int enqueue(rte_mempool* pool, void* const* buffers, unsigned count);
    void flush_cache() const;

    rte_mempool* pool_;
    std::set<void*> taken_;
};

}  // namespace vipfwd::io
