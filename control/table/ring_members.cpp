// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_members.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "control/table/generation_tables.h"

namespace vipfwd::table {
namespace {

using abi::BackendEntry;

// A backend's weight in the ring; 0: it is not in the ring.
std::uint32_t ring_weight(const BackendEntry& backend) {
    return has_state(backend, abi::BackendState::kServing) ? backend.ring_weight : 0;
}

}  // namespace

std::vector<RingMember> ring_members(std::span<const BackendEntry> backends) {
    std::vector<RingMember> members;
    for (std::size_t i = 0; i < backends.size(); ++i) {
        if (ring_weight(backends[i]) > 0)
            members.push_back(
                {backends[i].address, ring_weight(backends[i]), static_cast<std::uint16_t>(i)});
    }
    return members;
}

bool same_ring_members(std::span<const BackendEntry> a, std::span<const BackendEntry> b) {
    const auto same_member = [](const BackendEntry& x, const BackendEntry& y) {
        return ring_weight(x) == ring_weight(y) && (ring_weight(x) == 0 || x.address == y.address);
    };
    const auto is_outside = [](const BackendEntry& x) { return ring_weight(x) == 0; };
    const std::size_t common = std::min(a.size(), b.size());
    return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin(),
                      same_member) &&
           std::all_of(a.begin() + static_cast<std::ptrdiff_t>(common), a.end(), is_outside) &&
           std::all_of(b.begin() + static_cast<std::ptrdiff_t>(common), b.end(), is_outside);
}

}  // namespace vipfwd::table
