// SPDX-License-Identifier: Apache-2.0
// How many slots of a ring each member gets. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "control/table/ring.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::table {

// The quota of each member, in the order of `members`: its weight's exact share of the slots,
// rounded down, and one more for the largest fractions (Hamilton's method), so that no quota is a
// whole slot away from the exact share. Only addresses, weights and the key decide which those are.
// There are members.
std::vector<std::uint32_t> ring_quotas(std::span<const RingMember> members, const abi::HashKey& key,
                                       std::uint32_t slots);

}  // namespace vipfwd::table
