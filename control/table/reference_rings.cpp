// SPDX-License-Identifier: Apache-2.0
#include "control/table/reference_rings.h"

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <utility>

namespace vipfwd::table {

std::shared_ptr<const RingSlots> ReferenceRings::find(std::uint32_t pool_salt,
                                                      const abi::HashKey& key,
                                                      std::span<const RingMember> members,
                                                      std::uint32_t slot_count) const {
    const auto found = known_.find(pool_salt);
    if (found == known_.end())
        return nullptr;
    const Known& known = found->second;
    const bool is_same = known.key == key && known.slots->size() == slot_count &&
                         std::ranges::equal(known.members, members);
    return is_same ? known.slots : nullptr;
}

void ReferenceRings::update(const Tables& tables, std::span<const NewRing> new_rings) {
    for (const NewRing& ring : new_rings) {
        for (const std::size_t pool : ring.pools) {
            const std::uint32_t salt = tables.pools[pool].salt;
            if (ring.reference_slots != nullptr)
                known_.insert_or_assign(salt,
                                        Known{tables.key, ring.reference, ring.reference_slots});
            else
                known_.erase(salt);
        }
    }
    if (known_.empty())
        return;
    std::unordered_set<std::uint32_t> salts;
    for (const abi::PoolEntry& pool : tables.pools)
        salts.insert(pool.salt);
    std::erase_if(known_, [&](const auto& one) { return !salts.contains(one.first); });
}

}  // namespace vipfwd::table
