// SPDX-License-Identifier: Apache-2.0
#include "control/table/derived_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "control/table/ring_builder.h"
#include "control/table/ring_quotas.h"
#include "dataplane/abi/limits.h"
#include "tests/sanitized.h"

namespace vipfwd::table {
namespace {

constexpr abi::HashKey kDerivedKey{{0x1234, 0x5678}};

using RingMembers = std::vector<RingMember>;

RingMembers equal_members(std::uint16_t count) {
    RingMembers all;
    for (std::uint16_t i = 0; i < count; ++i)
        all.push_back({IpAddress::from_v4(Be32::from_host(0x0a000000u + i)), 100, i});
    return all;
}

RingMembers without(RingMembers members, const std::vector<std::uint16_t>& indices) {
    std::erase_if(members, [&](const RingMember& member) {
        return std::ranges::find(indices, member.index) != indices.end();
    });
    return members;
}

RingSlots reference_ring(const RingMembers& reference, std::uint32_t slot_count) {
    RingSlots slots(slot_count);
    build_ring(reference, kDerivedKey, slots);
    return slots;
}

RingSlots derived_ring(const RingMembers& reference, const RingMembers& members,
                       std::uint32_t slot_count = abi::kDefaultRingSlots) {
    RingSlots slots(slot_count, abi::kNoBackend);
    derive_ring(reference_ring(reference, slot_count), reference, members, kDerivedKey, slots);
    return slots;
}

std::size_t count_changed(const RingSlots& a, const RingSlots& b) {
    std::size_t changed = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        changed += a[i] != b[i] ? 1 : 0;
    return changed;
}

void expect_quotas(const RingMembers& members, const RingSlots& slots) {
    std::vector<std::uint32_t> counts(65536);
    for (const std::uint16_t index : slots)
        ++counts[index];
    const auto quotas = ring_quotas(members, kDerivedKey, static_cast<std::uint32_t>(slots.size()));
    for (std::size_t i = 0; i < members.size(); ++i)
        EXPECT_EQ(counts[members[i].index], quotas[i]) << "member " << members[i].index;
}

TEST(DerivedRing, OnlySlotsOfMembersThatAreOutChange) {
    for (const std::uint16_t count : std::vector<std::uint16_t>{2, 3, 50, 1000}) {
        const RingMembers all = equal_members(count);
        const RingSlots before = reference_ring(all, abi::kDefaultRingSlots);
        const std::vector<std::uint16_t> out{0, static_cast<std::uint16_t>(count - 1)};
        for (int lost = 1; lost <= std::min(2, count - 1); ++lost) {
            const RingMembers rest = without(all, {out.begin(), out.begin() + lost});
            const RingSlots after = derived_ring(all, rest);
            expect_quotas(rest, after);
            for (std::size_t i = 0; i < before.size(); ++i) {
                const bool stays =
                    std::ranges::find(rest, before[i], &RingMember::index) != rest.end();
                ASSERT_TRUE(!stays || after[i] == before[i])
                    << lost << " of " << count << ", slot " << i;
            }
        }
    }
}

TEST(DerivedRing, WithAllMembersItIsTheReferenceRing) {
    const RingMembers all = equal_members(20);
    EXPECT_EQ(derived_ring(all, all), reference_ring(all, abi::kDefaultRingSlots));
}

// What the first failed member has lost stays where it is, but for a few slots.
TEST(DerivedRing, ASecondFailureMovesLittleMoreThanItsOwnSlots) {
    const RingMembers all = equal_members(50);
    const RingSlots before = derived_ring(all, without(all, {7}));
    const RingSlots after = derived_ring(all, without(all, {7, 31}));
    const double own = abi::kDefaultRingSlots / 49.0;
    EXPECT_LT(static_cast<double>(count_changed(before, after)), 1.25 * own);
}

TEST(DerivedRing, ASmallerWeightGivesAwayItsShareAndKeepsTheRest) {
    const RingMembers all = equal_members(10);
    RingSlots before = reference_ring(all, abi::kDefaultRingSlots);
    // The steps of a slow start, backwards.
    for (std::uint32_t weight = 90; weight > 0; weight -= 10) {
        RingMembers members = all;
        members[4].weight = weight;
        const RingSlots after = derived_ring(all, members);
        expect_quotas(members, after);
        for (std::size_t i = 0; i < before.size(); ++i) {
            ASSERT_TRUE(after[i] != 4 || before[i] == 4) << "it gets no slot that it had lost";
        }
        EXPECT_LT(count_changed(before, after), abi::kDefaultRingSlots * 2 / 100);
        before = after;
    }
}

TEST(DerivedRing, TheLostSlotsAreSpreadOverAllMembersByWeight) {
    RingMembers all = equal_members(11);
    all[3].weight = 300;
    const RingSlots before = reference_ring(all, abi::kDefaultRingSlots);
    const RingSlots after = derived_ring(all, without(all, {0}));
    std::vector<std::size_t> gained(all.size());
    for (std::size_t i = 0; i < before.size(); ++i)
        gained[after[i]] += before[i] == 0 ? 1 : 0;
    const double share = abi::kDefaultRingSlots / 13.0 / 12.0;
    for (std::size_t i = 1; i < all.size(); ++i)
        EXPECT_NEAR(static_cast<double>(gained[i]) / (share * all[i].weight / 100), 1, 0.02);
}

// Neither the order of the members nor the index of a seat decides.
TEST(DerivedRing, OnlyAddressesWeightsAndTheKeyDecide) {
    const RingMembers all = equal_members(30);
    const RingMembers rest = without(all, {2, 3, 5, 7, 11, 13, 17});
    const RingSlots slots = derived_ring(all, rest);
    const auto renumbered = [](RingMembers members) {
        std::ranges::reverse(members);
        for (RingMember& member : members)
            member.index = static_cast<std::uint16_t>(100 - member.index);
        return members;
    };
    const RingSlots others = derived_ring(renumbered(all), renumbered(rest));
    for (std::size_t i = 0; i < slots.size(); ++i)
        ASSERT_EQ(others[i], 100 - slots[i]);
}

TEST(DerivedRing, EveryMemberGetsItsQuotaWhateverIsOut) {
    std::mt19937 generator(7);
    const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
    for (int run = 0; run < (test::kSanitized ? 30 : 300); ++run) {
        RingMembers all = equal_members(static_cast<std::uint16_t>(1 + random() % 60));
        for (RingMember& member : all)
            member.weight = 1 + random() % 1000;
        RingMembers members;
        for (const RingMember& member : all) {
            if (random() % 3 != 0)
                members.push_back({member.address, 1 + random() % 1000, member.index});
        }
        if (members.empty())
            continue;
        const std::uint32_t slot_count = std::vector{251u, 2003u, 65'537u}[random() % 3];
        expect_quotas(members, derived_ring(all, members, slot_count));
    }
}

TEST(DerivedRing, OneMemberGetsAllSlots) {
    const RingMembers all = equal_members(5);
    EXPECT_EQ(derived_ring(all, {all[2]}, 251), RingSlots(251, 2));
}

}  // namespace
}  // namespace vipfwd::table
