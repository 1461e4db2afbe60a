// SPDX-License-Identifier: Apache-2.0
// Builds the rings that the pools of a generation need anew: each distinct ring once, and several
// at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "control/table/ring.h"
#include "dataplane/abi/hash.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::table {

using RingSlots = std::vector<std::uint16_t>;

// A ring that publishing must write to a free ring store before the tables are in force.
struct NewRing {
    std::vector<std::size_t> pools;  // that share it: indices into Tables::pools
    std::vector<RingMember> members;
    std::uint32_t slot_count = 0;
    std::shared_ptr<const RingSlots> slots;
};

// Where rings come from.
struct RingSupply {
    // Rings that were built before, with `key`; they are not built again.
    abi::HashKey key = {};
    std::span<const NewRing> built = {};
    // How many rings may be built at a time.
    unsigned threads = 1;
};

// A pool's need of a ring. There are members.
struct RingOrder {
    std::size_t pool = 0;
    std::vector<RingMember> members;
    std::uint32_t slot_count = abi::kDefaultRingSlots;
};

// One ring for each distinct list of members and size, in the order of the first pools.
std::vector<NewRing> build_rings(std::vector<RingOrder> orders, const abi::HashKey& key,
                                 const RingSupply& supply);

}  // namespace vipfwd::table
