// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "dataplane/abi/hash.h"
#include "dataplane/abi/limits.h"
#include "tests/sanitized.h"

namespace vipfwd::table {
namespace {

constexpr abi::HashKey kKey{{0x1234, 0x5678}};

using Slots = std::vector<std::uint16_t>;

RingMember member(std::uint32_t number, std::uint32_t weight = 1) {
    return {IpAddress::from_v4(Be32::from_host(0x0a000000 + number)), weight,
            static_cast<std::uint16_t>(number)};
}

std::vector<RingMember> members(std::uint32_t count) {
    std::vector<RingMember> all;
    for (std::uint32_t i = 0; i < count; ++i)
        all.push_back(member(i));
    return all;
}

Slots ring(const std::vector<RingMember>& all, std::uint32_t slot_count = abi::kDefaultRingSlots) {
    Slots slots(slot_count);
    build_ring(all, kKey, slots);
    return slots;
}

void expect_exact_shares(const std::vector<RingMember>& all, const Slots& slots) {
    std::vector<std::uint32_t> counts(65536);
    for (const std::uint16_t index : slots)
        ++counts[index];
    EXPECT_EQ(counts[abi::kNoBackend], 0u) << "slots left empty";
    double weights = 0;
    for (const RingMember& one : all)
        weights += one.weight;
    for (const RingMember& one : all) {
        const double share = static_cast<double>(slots.size()) * one.weight / weights;
        EXPECT_LT(std::abs(counts[one.index] - share), 2)
            << "member " << one.index << " of " << all.size();
    }
}

// Slots that changed although both their old and their new member are in both rings.
std::size_t needless_moves(const Slots& before, const Slots& after, std::uint16_t changed) {
    std::size_t moves = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        moves += before[i] != after[i] && before[i] != changed && after[i] != changed ? 1 : 0;
    return moves;
}

TEST(Ring, EverySlotIsFilledAndEveryShareExactFor1To1000Members) {
    for (const std::uint32_t count : {1u, 2u, 3u, 5u, 10u, 99u, 100u, 256u, 500u, 999u, 1000u}) {
        const auto all = members(count);
        expect_exact_shares(all, ring(all));
    }
    constexpr std::uint32_t kStride = test::kSanitized ? 37 : 1;
    for (std::uint32_t count = 1; count <= 1000; count += kStride) {
        const auto all = members(count);
        expect_exact_shares(all, ring(all, 2003));
    }
}

TEST(Ring, TheSmallestAndTheLargestRingHaveExactShares) {
    for (const std::uint32_t count : {1u, 3u, 250u, 1000u}) {
        const auto all = members(count);
        expect_exact_shares(all, ring(all, abi::kMinRingSlots));
        expect_exact_shares(all, ring(all, abi::kMaxRingSlots));
    }
}

TEST(Ring, EveryShareIsExactForAnyWeights) {
    std::mt19937 random(1);
    for (const std::uint32_t count : {2u, 3u, 10u, 100u, 1000u}) {
        for (const std::uint32_t heaviest : {2u, 10u, 1000u, 65535u}) {
            auto all = members(count);
            for (RingMember& one : all)
                one.weight = 1 + static_cast<std::uint32_t>(random() % heaviest);
            all.front().weight = heaviest;
            expect_exact_shares(all, ring(all));
        }
    }
}

TEST(Ring, TheHeaviestPossibleWeightsDoNotOverflow) {
    std::vector<RingMember> all;
    for (std::uint32_t i = 0; i < 1000; ++i)
        all.push_back(member(i, 0xffffffff));
    expect_exact_shares(all, ring(all));
}

// Weights must be right in every part of the ring, because the hashes of some clients may all be in
// one part of it.
TEST(Ring, WeightsAreSpreadOverTheWholeRing) {
    const std::vector<RingMember> all{member(0, 9), member(1, 1)};
    const Slots slots = ring(all);
    constexpr std::size_t kStretch = 4096;
    for (std::size_t start = 0; start + kStretch <= slots.size(); start += kStretch) {
        const auto first = slots.begin() + static_cast<std::ptrdiff_t>(start);
        const auto light = std::count(first, first + kStretch, 1);
        EXPECT_GT(light, 300) << "from slot " << start;
        EXPECT_LT(light, 520) << "from slot " << start;
    }
}

TEST(Ring, EverySlotIsFilledEvenWithMoreMembersThanSlots) {
    const auto all = members(100);
    const Slots slots = ring(all, 31);
    EXPECT_EQ(std::count(slots.begin(), slots.end(), abi::kNoBackend), 0);
}

TEST(Ring, WithoutMembersEverySlotIsEmpty) {
    const Slots slots = ring({});
    EXPECT_EQ(std::count(slots.begin(), slots.end(), abi::kNoBackend), abi::kDefaultRingSlots);
}

TEST(Ring, DependsOnTheMembersNotOnTheirOrder) {
    auto all = members(100);
    for (std::uint32_t i = 0; i < all.size(); ++i)
        all[i].weight = 1 + i % 7;
    const Slots before = ring(all);
    std::shuffle(all.begin(), all.end(), std::mt19937(2));
    EXPECT_EQ(ring(all), before);
}

TEST(Ring, DependsOnTheKey) {
    Slots other(abi::kDefaultRingSlots);
    build_ring(members(10), {{1, 1}}, other);
    EXPECT_NE(ring(members(10)), other);
}

// Gateways of two releases must agree while one of them is upgraded.
TEST(Ring, IsTheSameInEveryRelease) {
    const auto weighted = [](std::uint32_t count) {
        auto all = members(count);
        for (std::uint32_t i = 0; i < count; ++i)
            all[i].weight = 1 + i * 7919 % 100;
        return all;
    };
    // A checksum of its own, because the region's may change.
    const auto checksum = [](const Slots& slots) {
        constexpr std::size_t kWords = 8;  // of 16 bits
        std::uint64_t sum =
            abi::mix(abi::kHashOdd2 ^ slots.size() * sizeof(slots[0]), abi::kHashOdd1);
        for (std::size_t i = 0; i < slots.size(); i += kWords) {
            std::array<std::uint64_t, 2> words{};
            const std::size_t count = std::min(kWords, slots.size() - i);
            std::memcpy(words.data(), &slots[i], count * sizeof(slots[0]));
            sum = abi::mix(words[0] ^ abi::kHashOdd1, words[1] ^ sum);
        }
        return abi::mix(sum ^ abi::kHashOdd1, abi::kHashOdd2);
    };
    EXPECT_EQ(checksum(ring(members(1))), 0x8fc75b5b4035d92du);
    EXPECT_EQ(checksum(ring(members(10))), 0x31a60c69689bdc52u);
    EXPECT_EQ(checksum(ring(members(1000))), 0x15a599030264771fu);
    EXPECT_EQ(checksum(ring(weighted(3))), 0xd7759662e7f53292u);
    EXPECT_EQ(checksum(ring(weighted(1000))), 0xd531657eb7fdb1a1u);
    EXPECT_EQ(checksum(ring(weighted(10000))), 0xf02d758d1d979191u);
    EXPECT_EQ(checksum(ring(weighted(100), 31)), 0x5cc4c7b4086538bau);
    EXPECT_EQ(checksum(ring(weighted(100), 2003)), 0x3ad4c1900e2ad155u);
    EXPECT_EQ(checksum(ring(weighted(2), 2)), 0xca43eae9762953c5u);
}

// Maglev (NSDI 2016, figure 12): with 65537 slots and a thousand backends, losing at most one in a
// hundred backends changes a few percent of the other slots. Here one is lost or gained.
TEST(Ring, LosingOrGainingOneMemberMovesFewOtherSlots) {
    for (const std::uint32_t count : {3u, 10u, 100u, 1000u}) {
        for (const std::uint32_t lost : {0u, count / 2, count - 1}) {
            const auto all = members(count);
            auto rest = all;
            rest.erase(rest.begin() + lost);
            const std::size_t moves =
                needless_moves(ring(all), ring(rest), static_cast<std::uint16_t>(lost));
            EXPECT_LT(moves, abi::kDefaultRingSlots * 2 / 100) << lost << " of " << count;
        }
    }
}

TEST(Ring, ChangingOneWeightMovesAboutThatShare) {
    auto all = members(10);
    for (RingMember& one : all)
        one.weight = 100;
    const Slots before = ring(all);
    all[4].weight = 50;
    const Slots after = ring(all);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        changed += before[i] != after[i] ? 1 : 0;
    EXPECT_LT(changed, abi::kDefaultRingSlots * 9 / 100);  // 4.7 % must
}

}  // namespace
}  // namespace vipfwd::table
