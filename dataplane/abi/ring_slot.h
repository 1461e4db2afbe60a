// SPDX-License-Identifier: Apache-2.0
// Which slot of its pool's ring a flow falls into. The packet path and `vipctl lookup` must agree.
#pragma once

#include <cstdint>

#include "dataplane/abi/hash.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::abi {

// The hash that chooses the slot. `whole_flow` is the flow_hash() of the flow, which both callers
// have already; with affinity, only source and destination address decide.
constexpr std::uint64_t slot_hash(Affinity affinity, std::uint64_t whole_flow,
                                  const IpAddress& source, const IpAddress& destination,
                                  const HashKey& key) {
    if (affinity == Affinity::kNone)
        return whole_flow;
    return flow_hash({source, destination, {}, {}, 0}, key);
}

// Requires ring_slots > 0.
constexpr std::uint32_t ring_slot(std::uint64_t hash, std::uint32_t ring_slots) {
    return static_cast<std::uint32_t>(((hash >> 32) * ring_slots) >> 32);
}

}  // namespace vipfwd::abi
