// SPDX-License-Identifier: Apache-2.0
// The reference rings (derived_ring.h) of the pools whose ring is another one, so that they need
// not be built for every change of a backend.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "control/table/generation_tables.h"
#include "control/table/ring_builder.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::table {

// One thread at a time.
class ReferenceRings {
  public:
    // Null: it is not known. `members` are those of the reference ring.
    std::shared_ptr<const RingSlots> find(std::uint32_t pool_salt, const abi::HashKey& key,
                                          std::span<const RingMember> members,
                                          std::uint32_t slot_count) const;

    // Remembers the reference ring of each pool whose new ring is derived from it. Forgets those of
    // pools whose new ring is its own reference ring, and of pools that `tables` do not have. A
    // reference ring takes two bytes a slot.
    void update(const Tables& tables, std::span<const NewRing> new_rings);

  private:
    struct Known {
        abi::HashKey key;
        std::vector<RingMember> members;
        std::shared_ptr<const RingSlots> slots;
    };

    std::unordered_map<std::uint32_t, Known> known_;  // by the salts of pools
};

}  // namespace vipfwd::table
