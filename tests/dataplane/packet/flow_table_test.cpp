// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_table.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

class FlowTableTest : public ::testing::Test {
  protected:
    FlowPlace place(std::uint64_t hash, std::uint32_t salt = 1) const {
        return table_.place(hash, salt);
    }
    static FlowAge at(std::uint32_t now_s) { return {sample::kTimeouts, now_s}; }
    // One of many flows with the same bucket.
    static FlowPlace crowd(std::uint32_t number) { return {3, 3, 1000 + number}; }

    std::vector<FlowBucket> memory_ = std::vector<FlowBucket>(16);
    FlowTable table_{memory_};
};

TEST_F(FlowTableTest, RemembersAFlowsBackend) {
    EXPECT_EQ(table_.find(place(42), at(0)), nullptr);
    EXPECT_EQ(table_.insert(place(42), 7, FlowState::kEstablished, at(0)),
              InsertOutcome::kInserted);
    ASSERT_NE(table_.find(place(42), at(0)), nullptr);
    EXPECT_EQ(table_.find(place(42), at(0))->backend, 7);
    update(*table_.find(place(42), at(0)), 9, FlowState::kEstablished, at(0));
    EXPECT_EQ(table_.find(place(42), at(0))->backend, 9);
    EXPECT_EQ(table_.find(place(43), at(0)), nullptr);
}

TEST_F(FlowTableTest, FindCommonFindsOnlyEstablishedFlowsUsedNow) {
    EXPECT_EQ(table_.find_common(place(42), at(100)), nullptr);
    table_.insert(place(42), 7, FlowState::kOpening, at(100));
    EXPECT_EQ(table_.find_common(place(42), at(100)), nullptr);
    update(*table_.find(place(42), at(100)), 7, FlowState::kEstablished, at(100));
    EXPECT_EQ(table_.find_common(place(42), at(100)), table_.find(place(42), at(100)));
    EXPECT_EQ(table_.find_common(place(42), at(110)), nullptr);
    EXPECT_EQ(table_.find_common(place(43), at(100)), nullptr);
}

TEST_F(FlowTableTest, WithoutACandidateThereIsNoFlow) {
    EXPECT_FALSE(table_.has_candidate(place(42)));
    table_.insert(place(42), 7, FlowState::kOpening, at(100));
    EXPECT_TRUE(table_.has_candidate(place(42)));
    EXPECT_FALSE(table_.has_candidate(place(43)));
}

TEST_F(FlowTableTest, AnotherSaltIsAnotherFlow) {
    table_.insert(place(42, 1), 7, FlowState::kEstablished, at(0));
    EXPECT_EQ(table_.find(place(42, 2), at(0)), nullptr);
}

TEST_F(FlowTableTest, EachStateHasItsTimeout) {
    struct Case {
        FlowState state;
        std::uint32_t timeout_s;
    };
    for (const Case& one : {Case{FlowState::kOpening, 60}, Case{FlowState::kEstablished, 7440},
                            Case{FlowState::kClosing, 240}, Case{FlowState::kUdp, 300}}) {
        const std::uint32_t start_s = 100'000;
        const FlowPlace flow = place(one.timeout_s);
        table_.insert(flow, 0, one.state, at(start_s));
        EXPECT_NE(table_.find(flow, at(start_s + one.timeout_s)), nullptr);
        EXPECT_EQ(table_.find(flow, at(start_s + one.timeout_s + 8)), nullptr);
    }
}

TEST_F(FlowTableTest, LiveFlowsOutliveTheWrapAroundOfTime) {
    for (std::uint32_t now_s = 0; now_s < 100'000; now_s += 50) {
        if (now_s == 0)
            table_.insert(place(1), 5, FlowState::kOpening, at(now_s));
        FlowEntry* entry = table_.find(place(1), at(now_s));
        ASSERT_NE(entry, nullptr) << now_s;
        update(*entry, 5, FlowState::kOpening, at(now_s));
    }
}

TEST_F(FlowTableTest, AFullBucketEvictsTheHalfOpenFlowThatWasIdleLongest) {
    for (std::uint32_t i = 0; i < 8; ++i) {
        const bool half_open = i == 2 || i == 5;
        table_.insert(crowd(i), 0, half_open ? FlowState::kOpening : FlowState::kEstablished,
                      at(i * 8));
    }
    EXPECT_EQ(table_.insert(crowd(8), 1, FlowState::kOpening, at(60)), InsertOutcome::kEvicted);
    EXPECT_EQ(table_.find(crowd(2), at(60)), nullptr);
    EXPECT_NE(table_.find(crowd(5), at(60)), nullptr);
    EXPECT_NE(table_.find(crowd(8), at(60)), nullptr);
}

TEST_F(FlowTableTest, EstablishedFlowsAreNeverEvicted) {
    for (std::uint32_t i = 0; i < 8; ++i)
        table_.insert(crowd(i), 0, FlowState::kEstablished, at(0));
    EXPECT_EQ(table_.insert(crowd(8), 1, FlowState::kOpening, at(0)), InsertOutcome::kFull);
    EXPECT_EQ(table_.insert(crowd(8), 1, FlowState::kEstablished, at(0)), InsertOutcome::kFull);
    for (std::uint32_t i = 0; i < 8; ++i)
        EXPECT_NE(table_.find(crowd(i), at(0)), nullptr);
    EXPECT_EQ(table_.insert(crowd(8), 1, FlowState::kEstablished, at(8000)),
              InsertOutcome::kInserted)
        << "timed out";
}

TEST_F(FlowTableTest, SweepFreesTimedOutFlowsOnly) {
    table_.insert(place(1), 0, FlowState::kOpening, at(0));
    table_.insert(place(2), 0, FlowState::kEstablished, at(0));
    table_.sweep(table_.bucket_count(), at(1000));
    std::size_t used = 0;
    for (const FlowBucket& bucket : memory_) {
        for (const FlowEntry& entry : bucket.entries)
            used += state_of(entry) != FlowState::kFree ? 1 : 0;
    }
    EXPECT_EQ(used, 1u);
    EXPECT_NE(table_.find(place(2), at(1000)), nullptr);
}

TEST(FlowTable, HoldsAMillionFlowsIn16MiB) {
    EXPECT_EQ(FlowTable::bucket_count(1u << 20) * sizeof(FlowBucket), 16u << 20);
    EXPECT_EQ(FlowTable::bucket_count(1), 1u);
}

TEST(FlowTable, AtHalfLoadFewFlowsFindTheirBucketFull) {
    constexpr std::uint64_t kFlows = 1 << 16;
    std::vector<FlowBucket> memory(FlowTable::bucket_count(kFlows));
    FlowTable table(memory);
    std::mt19937_64 random(3);
    std::size_t full = 0;
    for (std::uint64_t i = 0; i < kFlows; ++i)
        full += table.insert(table.place(random(), 1), 0, FlowState::kEstablished,
                             {sample::kTimeouts, 0}) == InsertOutcome::kFull
                    ? 1
                    : 0;
    EXPECT_LT(full, kFlows * 2 / 100);
}

}  // namespace
}  // namespace vipfwd::packet
