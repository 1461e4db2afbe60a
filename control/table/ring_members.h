// SPDX-License-Identifier: Apache-2.0
// Which of a pool's backends are in its ring, and in its reference ring.
#pragma once

#include <span>
#include <vector>

#include "control/table/ring.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// The serving backends with a weight. `backends` are a pool's entries, by index.
std::vector<RingMember> ring_members(std::span<const abi::BackendEntry> backends);

// The members of the pool's reference ring (derived_ring.h): all configured backends with a weight,
// whether they serve or not, but for those that have had no result of a check yet. If one of these
// serves all the same, or only one backend serves, a ring is its own reference ring, and these are
// its own members.
std::vector<RingMember> reference_members(std::span<const abi::BackendEntry> backends);

// Whether both pools have the same reference ring, index by index.
bool same_reference(std::span<const abi::BackendEntry> a, std::span<const abi::BackendEntry> b);

// Whether both pools have the same ring, index by index.
bool same_ring_members(std::span<const abi::BackendEntry> a, std::span<const abi::BackendEntry> b);

}  // namespace vipfwd::table
