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
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

using RingSlots = std::vector<std::uint16_t>;

// A ring that publishing must write to a free ring store before the tables are in force.
struct NewRing {
    std::vector<std::size_t> pools;  // that share it: indices into Tables::pools
    std::vector<RingMember> members;
    std::vector<RingMember> reference;  // the members of its reference ring
    std::uint32_t slot_count = 0;
    std::shared_ptr<const RingSlots> slots;
    std::shared_ptr<const RingSlots> reference_slots;  // null: it is its own reference ring
};

class ReferenceRings;

// Where rings come from.
struct RingSupply {
    // Rings that were built before, with `key`; they are not built again.
    abi::HashKey key = {};
    std::span<const NewRing> built = {};
    const ReferenceRings* references = nullptr;  // null: none are known
    // ControlArea::rings, which has the rings in force; null: they cannot be read.
    const std::uint16_t* region_rings = nullptr;
    // How many rings may be built at a time.
    unsigned threads = 1;
};

// A pool's need of a ring. There are members.
struct RingOrder {
    std::size_t pool = 0;
    std::vector<RingMember> members;
    std::uint32_t slot_count = abi::kDefaultRingSlots;
    // Of its reference ring (derived_ring.h): all of `members`, and perhaps others; empty: the ring
    // is its own reference ring.
    std::vector<RingMember> reference = {};
    std::uint32_t salt = 0;  // the pool's
    // The pool in force whose ring is this pool's reference ring; null: there is none.
    const abi::PoolEntry* reference_in_force = nullptr;
};

// One ring for each distinct list of members, reference and size, in the order of the first pools.
std::vector<NewRing> build_rings(std::vector<RingOrder> orders, const abi::HashKey& key,
                                 const RingSupply& supply);

}  // namespace vipfwd::table
