// SPDX-License-Identifier: Apache-2.0
// Which of the region's ring stores are in use, and by that where a new ring may be written.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/abi/limits.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

class RingStores {
  public:
    // Marks the stores of the pools' rings. The pools need not be valid.
    void mark(std::span<const abi::PoolEntry> pools);

    // Marks as many consecutive stores as a ring of that size needs, and returns the first one.
    // Small rings are put to the front and large ones to the back, so that small ones do not
    // fragment the room for large ones.
    Result<std::uint32_t> take(std::uint32_t ring_slots);

    // Whether all that is marked in `other` is marked here.
    bool contain(const RingStores& other) const;

    // Gives the memory of all unmarked stores back to the kernel: they read as zeros afterwards.
    // `rings` are ControlArea::rings, not on hugepages. Takes some 10 us for each ring given back.
    void release_others(std::uint16_t* rings) const;

  private:
    bool is_free(std::uint32_t first, std::uint32_t count) const;

    std::vector<bool> in_use_ = std::vector<bool>(abi::kRingStores);
};

}  // namespace vipfwd::table
