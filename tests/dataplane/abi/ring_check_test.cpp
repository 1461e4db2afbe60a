// SPDX-License-Identifier: Apache-2.0
// The rings of a generation.
#include "tests/dataplane/abi/validate_fixture.h"

namespace vipfwd::abi {
namespace {

class RingCheckTest : public ValidateTest {};

TEST_F(RingCheckTest, ASlotBeyondThePoolIsFound) {
    ring()[6] = 3;
    EXPECT_NE(fault_after([](Generation&) {}).find("ring names a backend"), std::string::npos);
}

TEST_F(RingCheckTest, AnUnusedSlotIsFound) {
    ring()[0] = kNoBackend;
    EXPECT_NE(fault_after([](Generation&) {}).find("ring names a backend"), std::string::npos);
}

TEST_F(RingCheckTest, AnInvalidRingIsFoundEvenIfItWasValidBefore) {
    RingCheck check;
    ASSERT_TRUE(check.validate(*generation_, rings_.data()));
    ring()[3] = 2;
    seal();
    EXPECT_TRUE(check.validate(*generation_, rings_.data()));
    ring()[3] = 9;
    seal();
    EXPECT_FALSE(check.validate(*generation_, rings_.data()));
}

TEST_F(RingCheckTest, ARingOfSeveralStoresIsReadToItsEnd) {
    generation_->pools[0].ring_slots = kMaxRingSlots;
    EXPECT_EQ(fault_after([](Generation&) {}), "");
    ring().back() = 9;
    EXPECT_NE(fault_after([](Generation&) {}).find("ring names a backend"), std::string::npos);
}

// A second ring overwrites a store of the first ring, which is then written to its stores again.
TEST_F(RingCheckTest, ARingIsReadAgainAfterAnotherOneWasInItsPlace) {
    RingCheck check;
    PoolEntry& pool = generation_->pools[0];
    for (const std::uint32_t other : {4u, 5u, 14u}) {
        pool.ring_store = 5;
        pool.ring_slots = kMaxRingSlots;
        seal();
        ASSERT_TRUE(check.validate(*generation_, rings_.data()));
        const std::uint64_t checksum = pool.ring_checksum;
        pool.ring_store = other;
        pool.ring_slots = other == 4 ? kRingStoreSlots + 1 : kMinRingSlots;
        seal();
        ASSERT_TRUE(check.validate(*generation_, rings_.data()));
        pool.ring_store = 5;
        pool.ring_slots = kMaxRingSlots;
        pool.ring_checksum = checksum;
        ring()[kRingStoreSlots * 9] ^= 1;
        EXPECT_FALSE(check.validate(*generation_, rings_.data())) << other;
        ring()[kRingStoreSlots * 9] ^= 1;
    }
}

TEST_F(RingCheckTest, AValidRingIsCheckedAgainWhenItsPoolShrinks) {
    RingCheck check;
    ASSERT_TRUE(check.validate(*generation_, rings_.data()));
    generation_->pools[0].backend_count = 2;
    EXPECT_FALSE(check.validate(*generation_, rings_.data()));
}

}  // namespace
}  // namespace vipfwd::abi
