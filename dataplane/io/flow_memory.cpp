// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/flow_memory.h"

#include <rte_lcore.h>
#include <rte_malloc.h>
#include <sys/mman.h>

#include <string>
#include <utility>

namespace vipfwd::io {
namespace {

void* map_normal(std::uint64_t bytes) {
    void* place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED)
        return nullptr;
    madvise(place, bytes, MADV_HUGEPAGE);  // best effort
    return place;
}

}  // namespace

Result<FlowMemory> FlowMemory::allocate(std::uint64_t bytes, abi::Memory kind, unsigned lcore) {
    void* place = kind == abi::Memory::kNormal
                      ? map_normal(bytes)
                      : rte_zmalloc_socket("flows", bytes, alignof(packet::FlowBucket),
                                           static_cast<int>(rte_lcore_to_socket_id(lcore)));
    if (place == nullptr) {
        return Error{"no memory for a flow table of " + std::to_string(bytes >> 20) +
                     " MiB; lower flows_per_worker"};
    }
    return FlowMemory(place, bytes, kind);
}

FlowMemory::FlowMemory(FlowMemory&& other) noexcept
    : place_(std::exchange(other.place_, nullptr)), bytes_(other.bytes_), kind_(other.kind_) {}

FlowMemory::~FlowMemory() {
    if (place_ == nullptr)
        return;
    if (kind_ == abi::Memory::kNormal)
        munmap(place_, bytes_);
    else
        rte_free(place_);
}

std::span<packet::FlowBucket> FlowMemory::buckets() const {
    return {static_cast<packet::FlowBucket*>(place_), bytes_ / sizeof(packet::FlowBucket)};
}

}  // namespace vipfwd::io
