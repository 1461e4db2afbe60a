// SPDX-License-Identifier: Apache-2.0
// The memory of one worker's flow table.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/result.h"
#include "dataplane/packet/flow_table.h"

namespace vipfwd::io {

class FlowMemory {
  public:
    // Zeroed memory: hugepages of EAL on the NUMA node of `lcore`, or normal pages.
    static Result<FlowMemory> allocate(std::uint64_t bytes, abi::Memory kind, unsigned lcore);

    FlowMemory(FlowMemory&& other) noexcept;
    FlowMemory& operator=(FlowMemory&&) = delete;
    ~FlowMemory();

    std::span<packet::FlowBucket> buckets() const;

  private:
    FlowMemory(void* place, std::uint64_t bytes, abi::Memory kind)
        : place_(place), bytes_(bytes), kind_(kind) {}

    void* place_;
    std::uint64_t bytes_;
    abi::Memory kind_;
};

}  // namespace vipfwd::io
