// SPDX-License-Identifier: Apache-2.0
// Which of a pool's backends stand in its ring.
#pragma once

#include <span>
#include <vector>

#include "control/table/ring.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// Of the row of a pool's backends.
std::vector<RingMember> ring_members(std::span<const abi::BackendEntry> backends);

// True if the rings of both rows are the same.
bool same_ring_members(std::span<const abi::BackendEntry> a, std::span<const abi::BackendEntry> b);

}  // namespace vipfwd::table
