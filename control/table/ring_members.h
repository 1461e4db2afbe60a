// SPDX-License-Identifier: Apache-2.0
// Which of a pool's backends are in its ring.
#pragma once

#include <span>
#include <vector>

#include "control/table/ring.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// The serving backends with a weight. `backends` are a pool's entries, by index.
std::vector<RingMember> ring_members(std::span<const abi::BackendEntry> backends);

// True if both pools have the same ring, index by index.
bool same_ring_members(std::span<const abi::BackendEntry> a, std::span<const abi::BackendEntry> b);

}  // namespace vipfwd::table
