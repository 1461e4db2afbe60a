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

// Its weight when it serves, and its slow start is over; 0: it is not in the reference ring.
std::uint32_t full_weight(const BackendEntry& backend) {
    return is_retired(backend) || has_health(backend, abi::BackendHealth::kUnknown)
               ? 0
               : backend.weight;
}

bool is_its_own_reference(std::span<const BackendEntry> backends) {
    std::size_t members = 0;
    for (const BackendEntry& backend : backends) {
        if (ring_weight(backend) > full_weight(backend))
            return true;
        members += ring_weight(backend) > 0 ? 1 : 0;
    }
    return members == 1;
}

using Weight = std::uint32_t (*)(const BackendEntry&);

Weight reference_weight(std::span<const BackendEntry> backends) {
    return is_its_own_reference(backends) ? ring_weight : full_weight;
}

std::vector<RingMember> members_by(Weight weight, std::span<const BackendEntry> backends) {
    std::vector<RingMember> members;
    for (std::size_t i = 0; i < backends.size(); ++i) {
        if (weight(backends[i]) > 0)
            members.push_back(
                {backends[i].address, weight(backends[i]), static_cast<std::uint16_t>(i)});
    }
    return members;
}

bool same_members(std::span<const BackendEntry> a, Weight weight_a, std::span<const BackendEntry> b,
                  Weight weight_b) {
    static const BackendEntry kNone{};
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        const BackendEntry& x = i < a.size() ? a[i] : kNone;
        const BackendEntry& y = i < b.size() ? b[i] : kNone;
        if (weight_a(x) != weight_b(y) || (weight_a(x) != 0 && x.address != y.address))
            return false;
    }
    return true;
}

}  // namespace

std::vector<RingMember> ring_members(std::span<const BackendEntry> backends) {
    return members_by(ring_weight, backends);
}

std::vector<RingMember> reference_members(std::span<const BackendEntry> backends) {
    return members_by(reference_weight(backends), backends);
}

bool same_reference(std::span<const BackendEntry> a, std::span<const BackendEntry> b) {
    return same_members(a, reference_weight(a), b, reference_weight(b));
}

bool same_ring_members(std::span<const BackendEntry> a, std::span<const BackendEntry> b) {
    return same_members(a, ring_weight, b, ring_weight) && same_reference(a, b);
}

}  // namespace vipfwd::table
