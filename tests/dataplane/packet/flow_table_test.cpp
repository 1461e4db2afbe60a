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
    table_.change(*table_.find(place(42), at(0)), 9, FlowState::kEstablished, at(0));
    EXPECT_EQ(table_.find(place(42), at(0))->backend, 9);
    EXPECT_EQ(table_.find(place(43), at(0)), nullptr);
}

TEST_F(FlowTableTest, FindCommonFindsOnlyFlowsThatAPacketDoesNotChange) {
    EXPECT_EQ(table_.find_common(place(42), at(100)), nullptr);
    table_.insert(place(42), 7, FlowState::kOpening, at(100));
    FlowEntry* const entry = table_.find(place(42), at(100));
    EXPECT_EQ(table_.find_common(place(42), at(100)), nullptr);
    for (const FlowState state : {FlowState::kEstablished, FlowState::kUdp}) {
        table_.change(*entry, 7, state, at(100));
        EXPECT_EQ(table_.find_common(place(42), at(100)), entry);
        EXPECT_EQ(table_.find_common(place(42), at(104)), nullptr);
    }
    for (const FlowState state : {FlowState::kYoung, FlowState::kYoungUdp}) {
        table_.change(*entry, 7, state, at(100));
        EXPECT_EQ(table_.find_common(place(42), at(104)), entry);
        EXPECT_EQ(table_.find_common(place(42), at(108)), nullptr);
    }
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

TEST_F(FlowTableTest, LiveFlowsOutliveTheWrapAroundOfTime) {
    for (std::uint32_t now_s = 0; now_s < 100'000; now_s += 50) {
        if (now_s == 0)
            table_.insert(place(1), 5, FlowState::kOpening, at(now_s));
        FlowEntry* entry = table_.find(place(1), at(now_s));
        ASSERT_NE(entry, nullptr) << now_s;
        table_.change(*entry, 5, FlowState::kOpening, at(now_s));
    }
}

TEST_F(FlowTableTest, AFullBucketEvictsTheOldestUnprovenFlow) {
    for (const FlowState state :
         {FlowState::kOpening, FlowState::kYoung, FlowState::kYoungUdp, FlowState::kClosing}) {
        table_ = FlowTable(memory_);
        memory_[3] = {};
        for (std::uint32_t i = 0; i < 8; ++i) {
            const bool is_unproven = i == 2 || i == 5;
            table_.insert(crowd(i), 0, is_unproven ? state : FlowState::kEstablished, at(i * 8));
        }
        EXPECT_EQ(table_.insert(crowd(8), 1, FlowState::kOpening, at(60)), InsertOutcome::kEvicted);
        EXPECT_EQ(table_.find(crowd(2), at(60)), nullptr);
        for (const std::uint32_t i : {0u, 1u, 3u, 4u, 5u, 6u, 7u, 8u})
            EXPECT_NE(table_.find(crowd(i), at(60)), nullptr) << i;
    }
}

// The unit of time is coarse, so that the stamps of a flood are equal.
TEST_F(FlowTableTest, OfFlowsWithOneStampTheFirstIsEvictedFirst) {
    for (std::uint32_t i = 0; i < 8; ++i)
        table_.insert(crowd(i), 0, FlowState::kYoung, at(0));
    for (std::uint32_t i = 8; i < 50; ++i) {
        EXPECT_EQ(table_.insert(crowd(i), 0, FlowState::kOpening, at(0)), InsertOutcome::kEvicted);
        for (std::uint32_t j = 0; j <= i; ++j)
            ASSERT_EQ(table_.find(crowd(j), at(0)) != nullptr, j + 8 > i) << i << " " << j;
    }
}

TEST_F(FlowTableTest, ProvenFlowsAreNeverEvicted) {
    for (std::uint32_t i = 0; i < 8; ++i)
        table_.insert(crowd(i), 0, i % 2 == 0 ? FlowState::kEstablished : FlowState::kUdp, at(0));
    EXPECT_EQ(table_.insert(crowd(8), 1, FlowState::kOpening, at(0)), InsertOutcome::kFull);
    EXPECT_EQ(table_.insert(crowd(8), 1, FlowState::kEstablished, at(0)), InsertOutcome::kFull);
    for (std::uint32_t i = 0; i < 8; ++i)
        EXPECT_NE(table_.find(crowd(i), at(0)), nullptr);
    EXPECT_EQ(table_.insert(crowd(8), 1, FlowState::kEstablished, at(8000)),
              InsertOutcome::kInserted)
        << "timed out";
}

class FlowTableShareTest : public FlowTableTest {
  protected:
    FlowTableShareTest() { table_.limit_shares(3); }  // of 128 entries

    // One of many flows of a class with the same bucket.
    static FlowPlace of_class(std::uint8_t flow_class, std::uint32_t number) {
        return {3, 3, flow_tag_base(1000 + number, flow_class)};
    }
    InsertOutcome insert(std::uint8_t flow_class, std::uint32_t number, std::uint32_t now_s,
                         FlowState state = FlowState::kYoung) {
        return table_.insert(of_class(flow_class, number), 0, state, at(now_s));
    }
    bool has(std::uint8_t flow_class, std::uint32_t number) {
        return table_.find(of_class(flow_class, number), at(100)) != nullptr;
    }
};

TEST_F(FlowTableShareTest, AClassThatHasItsShareEvictsOnlyItsOwn) {
    insert(1, 0, 0);
    for (std::uint32_t i = 0; i < 7; ++i)
        EXPECT_EQ(insert(2, i, 10 + i), InsertOutcome::kInserted) << "nobody else needs the room";
    for (std::uint32_t i = 7; i < 50; ++i)
        EXPECT_EQ(insert(2, i, 100), InsertOutcome::kEvicted);
    EXPECT_TRUE(has(1, 0)) << "although it is the oldest";
    EXPECT_FALSE(has(2, 6));
    EXPECT_TRUE(has(2, 49));
}

TEST_F(FlowTableShareTest, OthersEvictAClassThatHoldsMoreThanItsShareFirst) {
    insert(1, 0, 0);
    insert(1, 1, 0);
    for (std::uint32_t i = 0; i < 6; ++i)
        insert(2, i, 10);
    EXPECT_EQ(insert(3, 0, 100), InsertOutcome::kEvicted);
    EXPECT_FALSE(has(2, 0));
    EXPECT_EQ(insert(1, 2, 100), InsertOutcome::kEvicted);
    EXPECT_FALSE(has(2, 1));
    EXPECT_TRUE(has(1, 0) && has(1, 1) && has(1, 2) && has(3, 0));
    EXPECT_EQ(insert(3, 1, 100), InsertOutcome::kEvicted);
    EXPECT_FALSE(has(2, 2));
    EXPECT_EQ(insert(3, 2, 100), InsertOutcome::kEvicted) << "now none is over its share";
    EXPECT_FALSE(has(1, 0)) << "the oldest of all";
}

TEST_F(FlowTableShareTest, InsertFreeTakesNothingFromOthers) {
    for (std::uint32_t i = 0; i < 3; ++i)
        EXPECT_TRUE(table_.insert_free(of_class(1, i), 7, FlowState::kYoung, at(0)));
    EXPECT_EQ(table_.find(of_class(1, 2), at(0))->backend, 7);
    EXPECT_FALSE(table_.insert_free(of_class(1, 3), 7, FlowState::kYoung, at(0))) << "its share";
    EXPECT_EQ(table_.find(of_class(1, 3), at(0)), nullptr);
    for (std::uint32_t i = 0; i < 5; ++i)
        insert(2, i, 0);
    EXPECT_FALSE(table_.insert_free(of_class(3, 0), 7, FlowState::kYoung, at(0)))
        << "a full bucket";
    EXPECT_TRUE(table_.insert_free(of_class(3, 0), 7, FlowState::kYoung, at(8000))) << "timed out";
}

TEST_F(FlowTableShareTest, AClassThatHasItsShareAndNothingToEvictGetsNoRoom) {
    for (std::uint32_t i = 0; i < 8; ++i)
        insert(1, i, 0);
    for (std::uint32_t i = 0; i < 3; ++i)
        table_.insert({5, 5, flow_tag_base(i, 2)}, 0, FlowState::kYoung, at(0));
    EXPECT_EQ(insert(2, 0, 100), InsertOutcome::kFull);
    EXPECT_EQ(insert(3, 0, 100), InsertOutcome::kEvicted);
}

TEST_F(FlowTableShareTest, SharesFollowTheEntries) {
    std::mt19937 random(1);
    for (std::uint32_t now_s = 0; now_s < 2000; ++now_s) {
        for (int i = 0; i < 3; ++i) {
            const FlowPlace flow = table_.place(random() % 300, flow_tag_base(1, random() % 4));
            const auto state = static_cast<FlowState>(1 + random() % 5);
            if (FlowEntry* const known = table_.find(flow, at(now_s)))
                table_.change(*known, 0, state, at(now_s));
            else
                table_.insert(flow, 0, state, at(now_s));
        }
        table_.sweep(1, at(now_s));
        FlowShares counted;
        for (const FlowBucket& bucket : memory_) {
            for (const FlowEntry& entry : bucket.entries) {
                if (state_of(entry) != FlowState::kFree)
                    counted.add(entry);
            }
        }
        ASSERT_EQ(table_.shares().held(), counted.held()) << now_s;
        for (std::uint8_t flow_class = 0; flow_class < 4; ++flow_class)
            ASSERT_EQ(table_.shares().proven(flow_class), counted.proven(flow_class)) << now_s;
    }
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
