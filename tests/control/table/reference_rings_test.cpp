// SPDX-License-Identifier: Apache-2.0
#include "control/table/reference_rings.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "control/table/build.h"
#include "control/table/ring_members.h"
#include "dataplane/abi/validate.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

constexpr abi::HashKey kReferenceKey{{5, 6}};
constexpr std::uint32_t kFewSlots = 251;
constexpr std::uint32_t kSalt = 9;

const std::vector<RingMember>& all_three() {
    static const std::vector<RingMember> members{{sample::ip("10.0.0.11"), 100, 0},
                                                 {sample::ip("10.0.0.12"), 100, 1},
                                                 {sample::ip("10.0.0.13"), 100, 2}};
    return members;
}

std::vector<RingMember> first_two() {
    return {all_three()[0], all_three()[1]};
}

RingOrder order_of(std::vector<RingMember> members) {
    return {.pool = 0,
            .members = std::move(members),
            .slot_count = kFewSlots,
            .reference = all_three(),
            .salt = kSalt};
}

Tables one_pool(std::uint32_t salt) {
    Tables tables;
    tables.key = kReferenceKey;
    tables.pools.resize(1);
    tables.pools[0].salt = salt;
    return tables;
}

class ReferenceRingsTest : public testing::Test {
  protected:
    NewRing make(std::vector<RingMember> members) {
        std::vector<NewRing> made =
            build_rings({order_of(std::move(members))}, kReferenceKey, {.references = &rings_});
        rings_.update(one_pool(kSalt), made);
        return std::move(made.at(0));
    }
    std::shared_ptr<const RingSlots> known() const {
        return rings_.find(kSalt, kReferenceKey, all_three(), kFewSlots);
    }

    ReferenceRings rings_;
};

TEST_F(ReferenceRingsTest, ItIsKeptWhileThePoolHasAnotherRing) {
    make(all_three());
    EXPECT_EQ(known(), nullptr) << "the region has it";
    const NewRing derived = make(first_two());
    EXPECT_NE(derived.slots, derived.reference_slots);
    EXPECT_EQ(known(), derived.reference_slots);
    EXPECT_EQ(make({all_three()[0]}).reference_slots, derived.reference_slots) << "built once";
    EXPECT_EQ(make(all_three()).slots, derived.reference_slots) << "built once";
    EXPECT_EQ(known(), nullptr);
}

TEST_F(ReferenceRingsTest, AnotherPoolKeySizeOrMemberHasAnother) {
    make(first_two());
    EXPECT_EQ(rings_.find(kSalt + 1, kReferenceKey, all_three(), kFewSlots), nullptr);
    EXPECT_EQ(rings_.find(kSalt, {{5, 7}}, all_three(), kFewSlots), nullptr);
    EXPECT_EQ(rings_.find(kSalt, kReferenceKey, all_three(), 257), nullptr);
    EXPECT_EQ(rings_.find(kSalt, kReferenceKey, first_two(), kFewSlots), nullptr);
}

TEST_F(ReferenceRingsTest, ThatOfARemovedPoolIsForgotten) {
    make(first_two());
    rings_.update(one_pool(kSalt + 1), {});
    EXPECT_EQ(known(), nullptr);
}

// The ring in force is copied if it is the reference ring, but not if something has changed it.
TEST_F(ReferenceRingsTest, TheRingInForceServes) {
    const NewRing before = make(all_three());
    RingSlots region = *before.slots;
    abi::PoolEntry pool{};
    pool.ring_store = 0;
    pool.ring_slots = kFewSlots;
    pool.ring_checksum = abi::checksum_of(region) ^ 1;
    RingOrder order = order_of(first_two());
    order.reference_in_force = &pool;
    const auto derive = [&] {
        return *build_rings({order}, kReferenceKey, {.region_rings = region.data()})[0].slots;
    };
    const RingSlots expected = derive();
    std::swap(region[0], region[1]);
    EXPECT_EQ(derive(), expected) << "its checksum is wrong";
    region.assign(kFewSlots, 1);
    pool.ring_checksum = abi::checksum_of(region);
    EXPECT_NE(derive(), expected) << "it is taken from the region";
}

class ReferenceMembers : public testing::Test {
  protected:
    ReferenceMembers() : tables_(sample::must_build(sample::config()).tables) {
        for (abi::BackendEntry& backend : backends()) {
            backend.health = static_cast<std::uint8_t>(abi::BackendHealth::kUp);
            backend.state = static_cast<std::uint8_t>(abi::BackendState::kServing);
            backend.weight = backend.ring_weight = 100;
        }
    }
    std::span<abi::BackendEntry> backends() {
        return std::span(tables_.backends).first(tables_.pools[0].backend_count);
    }
    void take_down(std::size_t index) {
        backends()[index].state = static_cast<std::uint8_t>(abi::BackendState::kDown);
    }
    std::size_t count() { return reference_members(backends()).size(); }

    Tables tables_;
};

TEST_F(ReferenceMembers, AreAllThatHaveHadAResult) {
    const std::size_t all = backends().size();
    ASSERT_GE(all, 3u);
    EXPECT_EQ(count(), all);
    take_down(0);
    EXPECT_EQ(count(), all) << "it is down, and comes back";
    backends()[0].health = static_cast<std::uint8_t>(abi::BackendHealth::kUnknown);
    EXPECT_EQ(count(), all - 1) << "new";
    backends()[0].state = static_cast<std::uint8_t>(abi::BackendState::kRetired);
    EXPECT_EQ(count(), all - 1);
    backends()[1].ring_weight = 10;
    EXPECT_EQ(reference_members(backends())[0].weight, 100u) << "a slow start";
}

TEST_F(ReferenceMembers, ARingWithANewBackendOrOfOneIsItsOwnReference) {
    take_down(0);
    backends()[1].health = static_cast<std::uint8_t>(abi::BackendHealth::kUnknown);
    EXPECT_EQ(reference_members(backends()), ring_members(backends()));
    backends()[1].health = static_cast<std::uint8_t>(abi::BackendHealth::kUp);
    EXPECT_NE(reference_members(backends()), ring_members(backends()));
    for (std::size_t i = 0; i + 1 < backends().size(); ++i)
        take_down(i);
    EXPECT_EQ(reference_members(backends()), ring_members(backends()));
}

// Both gateways have the same ring, whatever theirs was before.
TEST_F(ReferenceMembers, AnotherReferenceIsAnotherRing) {
    take_down(0);
    const std::vector<abi::BackendEntry> before(backends().begin(), backends().end());
    EXPECT_TRUE(same_ring_members(before, backends()));
    backends()[0].weight = 50;
    EXPECT_FALSE(same_ring_members(before, backends()));
}

}  // namespace
}  // namespace vipfwd::table
