// SPDX-License-Identifier: Apache-2.0
#include "control/table/derived_ring.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "control/table/ring_quotas.h"

namespace vipfwd::table {
namespace {

// How many members a slot asks before it takes one that has slots left over.
constexpr std::uint32_t kAttempts = 32;

// How many slots a member must give away or may take. By index.
struct Balance {
    std::vector<std::uint32_t> excess;
    std::vector<std::uint32_t> room;
};

Balance balance_of(std::span<const RingMember> reference, std::span<const RingMember> members,
                   const abi::HashKey& key, std::uint32_t slots) {
    std::size_t indices = 0;
    for (const RingMember& one : reference)
        indices = std::max<std::size_t>(indices, one.index + 1u);
    std::vector<std::uint32_t> has(indices);
    std::vector<std::uint32_t> gets(indices);
    const auto add_quotas = [&](std::span<const RingMember> of, std::vector<std::uint32_t>& to) {
        const std::vector<std::uint32_t> quotas = ring_quotas(of, key, slots);
        for (std::size_t i = 0; i < of.size(); ++i)
            to[of[i].index] = quotas[i];
    };
    add_quotas(reference, has);
    add_quotas(members, gets);
    Balance balance{std::vector<std::uint32_t>(indices), std::vector<std::uint32_t>(indices)};
    for (std::size_t i = 0; i < indices; ++i) {
        balance.excess[i] = has[i] - std::min(has[i], gets[i]);
        balance.room[i] = gets[i] - std::min(has[i], gets[i]);
    }
    return balance;
}

// The slots that must get another member. The first ones of each member: the fewer it gives away,
// the more of the same slots it keeps.
std::vector<std::uint32_t> take_excess(std::span<const std::uint16_t> slots, Balance& balance) {
    std::vector<std::uint32_t> taken;
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
        std::uint32_t& excess = balance.excess[slots[slot]];
        if (excess == 0)
            continue;
        --excess;
        taken.push_back(static_cast<std::uint32_t>(slot));
    }
    return taken;
}

}  // namespace

// A slot asks the members of other slots of the reference ring, in an order that depends on the
// slot only. So the larger a member's share, the more often it is asked, and a slot mostly stays
// with the member that took it when more members fail.
void derive_ring(std::span<const std::uint16_t> reference_slots,
                 std::span<const RingMember> reference, std::span<const RingMember> members,
                 const abi::HashKey& key, std::span<std::uint16_t> slots) {
    const auto slot_count = static_cast<std::uint32_t>(slots.size());
    Balance balance = balance_of(reference, members, key, slot_count);
    std::ranges::copy(reference_slots, slots.begin());
    std::vector<std::uint32_t> left_over;
    for (const std::uint32_t slot : take_excess(reference_slots, balance)) {
        std::uint32_t attempt = 0;
        for (; attempt < kAttempts; ++attempt) {
            const std::uint64_t hash = abi::mix(
                key.words[0] ^ (std::uint64_t{slot} * kAttempts + attempt), abi::kHashOdd1);
            const std::uint16_t member = reference_slots[(hash >> 32) * slot_count >> 32];
            if (balance.room[member] == 0)
                continue;
            --balance.room[member];
            slots[slot] = member;
            break;
        }
        if (attempt == kAttempts)
            left_over.push_back(slot);
    }
    std::vector<RingMember> by_address(members.begin(), members.end());
    std::ranges::sort(by_address, {}, &RingMember::address);
    auto next = by_address.begin();
    for (const std::uint32_t slot : left_over) {
        while (balance.room[next->index] == 0)
            ++next;
        --balance.room[next->index];
        slots[slot] = next->index;
    }
}

}  // namespace vipfwd::table
