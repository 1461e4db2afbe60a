// SPDX-License-Identifier: Apache-2.0
// The consistent-hash ring of a pool: weighted Maglev hashing (Eisenbud et al., NSDI 2016, §3.4).
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/abi/address.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::table {

struct RingMember {
    IpAddress address;         // decides on its place in the ring; unique among the members
    std::uint32_t weight = 1;  // > 0
    std::uint16_t index = 0;   // the value of its slots

    friend bool operator==(const RingMember&, const RingMember&) = default;
};

// Fills every slot with the index of a member. A member gets its weight's exact share of the slots,
// rounded up or down. Only addresses, weights and the key decide, not the order of the members, so
// that all gateways with the same pool have the same ring. The number of slots is a prime below
// 2^20. Without members every slot is kNoBackend.
void build_ring(std::span<const RingMember> members, const abi::HashKey& key,
                std::span<std::uint16_t> slots);

}  // namespace vipfwd::table
