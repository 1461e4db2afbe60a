// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/unpinned_flows.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace vipfwd::packet {
namespace {

class UnpinnedFlowsTest : public ::testing::Test {
  protected:
    Evidence syn(std::uint64_t hash) { return flows_.note(hash, true, now_ms_); }
    Evidence other(std::uint64_t hash) { return flows_.note(hash, false, now_ms_); }
    // SYNs of that many other flows.
    void flood(std::uint32_t flows) {
        for (std::uint32_t i = 0; i < flows; ++i)
            syn(random_());
    }

    static constexpr std::uint64_t kFlow = 0x1234'5678'9abc'def0;

    std::vector<UnpinnedFlows::Place> places_ = std::vector<UnpinnedFlows::Place>(256);
    UnpinnedFlows flows_{places_};
    std::uint64_t now_ms_ = 1'000'000;
    std::mt19937_64 random_{1};
};

TEST_F(UnpinnedFlowsTest, OnePacketProvesNothing) {
    EXPECT_EQ(syn(1), Evidence::kSyn);
    EXPECT_EQ(other(2), Evidence::kOther);
}

TEST_F(UnpinnedFlowsTest, APacketAfterTheSynIsAHandshake) {
    syn(kFlow);
    EXPECT_EQ(syn(kFlow), Evidence::kSyn);
    EXPECT_EQ(other(kFlow), Evidence::kHandshake);
    EXPECT_EQ(other(kFlow), Evidence::kHandshake) << "it may not have been pinned yet";
    EXPECT_EQ(other(kFlow ^ 1ull << 32), Evidence::kOther) << "another flow in the same place";
    EXPECT_EQ(other(kFlow ^ 1), Evidence::kOther) << "in another place";
}

TEST_F(UnpinnedFlowsTest, ManyPacketsInARowAreNoHandshakeWithoutASyn) {
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(other(kFlow), Evidence::kOther);
    EXPECT_EQ(syn(kFlow), Evidence::kSyn);
    EXPECT_EQ(other(kFlow), Evidence::kOther);
}

TEST_F(UnpinnedFlowsTest, APacketASecondLaterIsLasting) {
    other(kFlow);
    now_ms_ += kLasting_ms - 1;
    EXPECT_EQ(other(kFlow), Evidence::kOther);
    now_ms_ += 1;
    EXPECT_EQ(other(kFlow), Evidence::kLasting);
    EXPECT_EQ(syn(kFlow), Evidence::kLasting) << "a retransmitted SYN, too";
    now_ms_ += kNoted_ms - kLasting_ms;
    EXPECT_EQ(other(kFlow), Evidence::kLasting);
    now_ms_ += 1;
    EXPECT_EQ(other(kFlow), Evidence::kOther) << "its time is over, and begins again";
    now_ms_ += kLasting_ms;
    EXPECT_EQ(other(kFlow), Evidence::kLasting);
}

TEST_F(UnpinnedFlowsTest, TheNewestFlowOfAPlaceIsNoted) {
    for (int i = 0; i < 1000; ++i) {
        for (int j = 0; j < 5; ++j)
            syn(random_() & ~0xffull);
        const std::uint64_t flow = random_() & ~0xffull;
        syn(flow);
        now_ms_ += 1;
        ASSERT_EQ(other(flow), Evidence::kHandshake) << i;
    }
}

TEST_F(UnpinnedFlowsTest, OtherPacketsDoNotDisplaceSyns) {
    syn(kFlow ^ 1ull << 32);
    syn(kFlow);
    for (int i = 0; i < 10'000; ++i)
        other(random_());
    EXPECT_EQ(other(kFlow), Evidence::kHandshake);
}

TEST_F(UnpinnedFlowsTest, SynsDoNotDisplaceOtherPackets) {
    other(kFlow ^ 1ull << 32);
    other(kFlow);
    flood(10'000);
    now_ms_ += kLasting_ms;
    EXPECT_EQ(other(kFlow), Evidence::kLasting);
}

// One note of each place stays, however fast the flood.
TEST_F(UnpinnedFlowsTest, AFloodDoesNotDisplaceAFlowThatIsNotedFirst) {
    other(kFlow);
    for (std::uint32_t ms = 0; ms < kLasting_ms; ++ms) {
        flood(1000);
        now_ms_ += 1;
    }
    EXPECT_EQ(other(kFlow), Evidence::kLasting);
}

TEST_F(UnpinnedFlowsTest, TheTimeMayWrapAround) {
    now_ms_ = 0xffff'ff00;
    other(kFlow);
    now_ms_ += kLasting_ms;
    EXPECT_EQ(other(kFlow), Evidence::kLasting);
}

TEST_F(UnpinnedFlowsTest, WithoutMemoryNothingIsNoted) {
    UnpinnedFlows none;
    EXPECT_EQ(none.note(kFlow, true, now_ms_), Evidence::kSyn);
    EXPECT_EQ(none.note(kFlow, false, now_ms_), Evidence::kOther);
}

}  // namespace
}  // namespace vipfwd::packet
