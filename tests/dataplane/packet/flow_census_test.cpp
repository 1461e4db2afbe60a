// SPDX-License-Identifier: Apache-2.0
// The census that a flow table makes while it is swept.
#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <random>
#include <vector>

#include "dataplane/packet/flow_table.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint8_t kClass = 9;
constexpr std::uint32_t kTagBase = flow_tag_base(1, kClass);

class FlowTableCensusTest : public ::testing::Test {
  protected:
    static FlowAge at(std::uint32_t now_s) { return {sample::kTimeouts, now_s}; }
    FlowPlace place(std::uint64_t hash) const { return table_.place(hash, kTagBase); }
    void insert(const FlowPlace& place, std::uint16_t backend, std::uint32_t now_s = 0) {
        ASSERT_EQ(table_.insert(place, backend, FlowState::kEstablished, at(now_s)),
                  InsertOutcome::kInserted);
    }
    void begin() { table_.begin_census(*census_, watched_, 1, 5); }

    std::vector<FlowBucket> memory_ = std::vector<FlowBucket>(64);
    FlowTable table_{memory_};
    void watch(std::initializer_list<std::uint64_t> keys) {
        for (const std::uint64_t key : keys)
            watched_.keys[watched_.count.raw++].store(key);
    }

    abi::WatchedBackends watched_;
    std::unique_ptr<abi::FlowCensus> census_ = std::make_unique<abi::FlowCensus>();
};

TEST_F(FlowTableCensusTest, NamesTheBackendsOfAllFlowsWhereverTheSweepBegins) {
    std::mt19937_64 random(1);
    for (std::uint16_t backend = 0; backend < 100; ++backend)
        insert(place(random()), backend);
    for (const std::uint64_t before : {0u, 1u, 63u}) {
        table_.sweep(before, at(0));
        begin();
        table_.sweep(63, at(0));
        EXPECT_TRUE(table_.is_in_census());
        EXPECT_FALSE(census_->is_done(1));
        table_.sweep(10, at(0));
        EXPECT_FALSE(table_.is_in_census());
        EXPECT_TRUE(census_->is_done(1));
        EXPECT_EQ(census_->generation.load(), 5u);
        for (std::uint16_t backend = 0; backend < 200; ++backend)
            EXPECT_EQ(census_->names(kClass, backend), backend < 100) << backend;
        EXPECT_FALSE(census_->names(kClass + 1, 0));
    }
}

TEST_F(FlowTableCensusTest, DoesNotNameABackendWhoseFlowsHaveTimedOutOrMoved) {
    insert(place(1), 10);
    insert(place(2), 20);
    insert(place(3), 30, 1000);
    table_.change(*table_.find(place(2), at(0)), 21, FlowState::kEstablished, at(1000));
    begin();
    table_.sweep(64, at(sample::kTimeouts.established_s + 100));
    EXPECT_FALSE(census_->names(kClass, 10));
    EXPECT_FALSE(census_->names(kClass, 20));
    EXPECT_TRUE(census_->names(kClass, 21));
    EXPECT_TRUE(census_->names(kClass, 30));
}

TEST_F(FlowTableCensusTest, CountsTheFlowsThatAreWatched) {
    using Watched = abi::WatchedBackends;
    std::mt19937_64 random(1);
    for (int i = 0; i < 30; ++i)
        insert(place(random()), static_cast<std::uint16_t>(i % 3));
    watch({Watched::key(kClass, 2), Watched::key(kClass + 1, 2), Watched::key(kClass, 0),
           Watched::key(kClass, 7)});
    for (int round = 0; round < 2; ++round) {
        begin();
        table_.sweep(64, at(0));
        EXPECT_EQ(census_->watched[0].read(), 10u);
        EXPECT_EQ(census_->watched[1].read(), 0u);
        EXPECT_EQ(census_->watched[2].read(), 10u);
        EXPECT_EQ(census_->watched[3].read(), 0u);
    }
}

TEST_F(FlowTableCensusTest, KeysBeyondTheListAreIgnored) {
    insert(place(1), 7);
    for (std::uint32_t i = 0; i < abi::kMaxWatchedBackends; ++i)
        watched_.keys[i].store(abi::WatchedBackends::key(kClass, 7));
    watched_.count.store(std::uint64_t{1} << 60);
    begin();
    table_.sweep(64, at(0));
    EXPECT_EQ(census_->watched[0].read(), 1u);
}

// The flow moves from a bucket that the census has not seen to one that it has seen.
TEST_F(FlowTableCensusTest, NamesTheBackendOfAFlowThatMovesToItsFirstBucket) {
    std::vector<FlowBucket> memory(2 * FlowTable::kCompactBuckets);
    FlowTable table(memory);
    // A flow whose alternate bucket comes after its first one, which is full.
    std::uint64_t hash = 1;
    FlowPlace flow = table.place(hash, kTagBase);
    while ((flow.hash & (memory.size() - 1)) <= flow.bucket + 1)
        flow = table.place(++hash, kTagBase);
    for (FlowEntry& entry : memory[flow.bucket].entries)
        entry = {kTagBase, 7, make_stamp(FlowState::kEstablished, 0)};
    ASSERT_EQ(table.insert(flow, 77, FlowState::kOpening, at(0)), InsertOutcome::kInserted);
    table.begin_census(*census_, watched_, 1, 1);
    table.sweep(flow.bucket + 1, at(0));
    EXPECT_FALSE(census_->names(kClass, 77));
    memory[flow.bucket].entries[3] = {};
    ASSERT_NE(table.find(flow, at(0)), nullptr);
    EXPECT_TRUE(census_->names(kClass, 77));
}

TEST_F(FlowTableCensusTest, AnAbandonedCensusIsNeverDone) {
    begin();
    table_.sweep(10, at(0));
    table_.abandon_census();
    table_.sweep(100, at(0));
    EXPECT_FALSE(census_->is_done(1));
}

}  // namespace
}  // namespace vipfwd::packet
