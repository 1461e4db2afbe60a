// SPDX-License-Identifier: Apache-2.0
// A flow table that is larger than its compact part: the two layouts.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "dataplane/packet/flow_table.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kSalt = 1;
constexpr std::uint32_t kBuckets = 4 * FlowTable::kCompactBuckets;
constexpr std::size_t kFewFlows = FlowTable::kCompactBuckets / 2;
constexpr std::size_t kManyFlows = 5 * FlowTable::kCompactBuckets;

class FlowSpreadTest : public ::testing::Test {
  protected:
    struct Flow {
        std::uint64_t hash;
        std::uint16_t backend;
    };

    static FlowAge at(std::uint32_t now_s) { return {sample::kTimeouts, now_s}; }

    std::vector<Flow> make_flows(std::size_t count) {
        std::vector<Flow> flows(count);
        for (Flow& flow : flows)
            flow = {random_(), static_cast<std::uint16_t>(random_() % 1000)};
        return flows;
    }
    FlowPlace place(const Flow& flow) const { return table_.place(flow.hash, kSalt); }
    InsertOutcome insert(const Flow& flow, const FlowAge& age) {
        return table_.insert(place(flow), flow.backend, FlowState::kEstablished, age);
    }
    // Inserts `flows`, and removes from it those for which there was no room: very few.
    void insert_all(std::vector<Flow>& flows, const FlowAge& age) {
        const std::size_t full = std::erase_if(
            flows, [&](const Flow& flow) { return insert(flow, age) != InsertOutcome::kInserted; });
        EXPECT_LT(full, 1 + flows.size() / 1000);
    }
    // Finds and updates the entry of each flow, as its packets would.
    void use_all(std::span<const Flow> flows, const FlowAge& age) {
        for (const Flow& flow : flows) {
            ASSERT_TRUE(table_.has_candidate(place(flow)));
            FlowEntry* const entry = table_.find(place(flow), age);
            ASSERT_NE(entry, nullptr);
            ASSERT_EQ(entry->backend, flow.backend);
            table_.change(*entry, flow.backend, FlowState::kEstablished, age);
        }
    }
    std::size_t count_first(std::span<const Flow> flows, const FlowAge& age) const {
        return static_cast<std::size_t>(std::count_if(
            flows.begin(), flows.end(),
            [&](const Flow& flow) { return table_.find_common(place(flow), age) != nullptr; }));
    }
    std::size_t count_entries(std::size_t first_bucket = 0) const {
        std::size_t entries = 0;
        for (std::size_t i = first_bucket; i < memory_.size(); ++i) {
            for (const FlowEntry& entry : memory_[i].entries)
                entries += state_of(entry) != FlowState::kFree ? 1 : 0;
        }
        return entries;
    }
    // Entries of the flow in its first bucket.
    std::size_t count_in_first(const FlowPlace& place) const {
        const auto& entries = memory_[place.bucket].entries;
        return static_cast<std::size_t>(
            std::count_if(std::begin(entries), std::end(entries),
                          [&](const FlowEntry& entry) { return entry.tag == place.tag; }));
    }
    // Fills the first bucket of `place` with other flows.
    void fill_first(const FlowPlace& place) {
        for (std::uint32_t i = 0; i < std::size(memory_[0].entries); ++i)
            table_.insert({place.bucket, place.hash, 1000 + i}, 0, FlowState::kEstablished, at(0));
    }
    void sweep_all(const FlowAge& age) { table_.sweep(table_.bucket_count(), age); }

    std::mt19937_64 random_{1};
    std::vector<FlowBucket> memory_ = std::vector<FlowBucket>(kBuckets);
    FlowTable table_{memory_};
};

TEST_F(FlowSpreadTest, FewFlowsAreInTheCompactPart) {
    auto flows = make_flows(kFewFlows);
    insert_all(flows, at(0));
    EXPECT_FALSE(table_.is_spread());
    EXPECT_EQ(count_entries(), flows.size());
    EXPECT_EQ(count_entries(FlowTable::kCompactBuckets), 0u);
    EXPECT_EQ(count_first(flows, at(0)), flows.size());
}

TEST_F(FlowSpreadTest, ManyFlowsSpreadAndNoneIsLost) {
    auto flows = make_flows(kManyFlows);
    insert_all(flows, at(0));
    EXPECT_TRUE(table_.is_spread());
    EXPECT_EQ(count_entries(), flows.size());
    use_all(flows, at(100));
    EXPECT_EQ(count_entries(), flows.size()) << "a flow that has moved must not have two entries";
    EXPECT_GT(count_first(flows, at(100)), flows.size() * 99 / 100);
    EXPECT_GT(count_entries(FlowTable::kCompactBuckets), flows.size() * 7 / 10);
}

TEST_F(FlowSpreadTest, AFlowWhoseFirstBucketIsFullIsInItsAlternateBucket) {
    Flow flow{1, 7};
    const FlowPlace at_first = place(flow);
    fill_first(at_first);
    EXPECT_EQ(insert(flow, at(0)), InsertOutcome::kInserted);
    EXPECT_TRUE(table_.has_candidate(at_first));
    EXPECT_EQ(count_in_first(at_first), 0u);
    ASSERT_NE(table_.find(at_first, at(0)), nullptr);
    EXPECT_EQ(table_.find(at_first, at(0))->backend, 7);
    EXPECT_EQ(FlowTable(memory_).peek(at_first, at(0))->backend, 7);
    EXPECT_EQ(count_entries(), 9u);
    // Once there is room, a lookup moves it to its first bucket.
    table_.change(*table_.find(at_first, at(4)), 7, FlowState::kEstablished, at(4));
    ASSERT_NE(table_.find(at_first, at(7444)), nullptr) << "the others have timed out";
    EXPECT_EQ(count_in_first(at_first), 1u);
    EXPECT_EQ(table_.find(at_first, at(7444))->backend, 7);
}

// Another flow happens to have the same tag, in the alternate bucket of this flow.
TEST_F(FlowSpreadTest, AFlowInItsFirstBucketIsNotTakenForAnotherOne) {
    const FlowPlace one = place({1, 0});
    const FlowPlace another{one.hash % kBuckets, ~one.hash, one.tag};
    const FlowPlace crowd = place({2, 0});
    fill_first(crowd);
    table_.insert(crowd, 0, FlowState::kEstablished,
                  at(0));  // now some flow is in its alternate bucket
    table_.insert(one, 7, FlowState::kEstablished, at(0));
    table_.insert(another, 8, FlowState::kEstablished, at(100));
    EXPECT_EQ(table_.find(one, at(200))->backend, 7);
    EXPECT_EQ(table_.find(another, at(200))->backend, 8);
}

TEST_F(FlowSpreadTest, TheTableIsCompactAgainWhenFewFlowsAreLeft) {
    auto many = make_flows(kManyFlows);
    insert_all(many, at(0));
    const auto few = std::span(many).first(kFewFlows);
    use_all(few, at(5000));
    sweep_all(at(5000));
    EXPECT_TRUE(table_.is_spread());
    sweep_all(at(8000));
    EXPECT_FALSE(table_.is_spread());
    EXPECT_EQ(count_entries(), few.size());
    use_all(few, at(8000));
    EXPECT_EQ(count_entries(FlowTable::kCompactBuckets), 0u);
    // After a while no flow can be in its alternate bucket any more; all flows are still found.
    for (std::uint32_t now_s = 10'000; now_s < 40'000; now_s += 1000) {
        sweep_all(at(now_s));
        use_all(few, at(now_s));
    }
    EXPECT_EQ(count_entries(), few.size());
    auto others = make_flows(kManyFlows);
    insert_all(others, at(40'000));
    EXPECT_TRUE(table_.is_spread());
    use_all(few, at(40'000));
}

// Flows begin, are used and end: first few, then many, then few again.
TEST_F(FlowSpreadTest, NoFlowInUseIsLostAsTheirNumberChanges) {
    constexpr std::uint32_t kStep_s = 500;
    std::vector<Flow> flows;
    std::uint32_t now_s = 0;
    std::size_t turns = 0;
    for (const std::size_t wanted : {kFewFlows, kManyFlows, kFewFlows / 8, kManyFlows}) {
        for (int step = 0; step < 20; ++step, now_s += kStep_s) {
            const FlowAge age = at(now_s);
            const bool was_spread = table_.is_spread();
            std::shuffle(flows.begin(), flows.end(), random_);
            use_all(std::span(flows).first(flows.size() / 2), age);
            if (step % 10 == 9)  // so that no flow times out
                use_all(flows, age);
            flows.resize(std::min(flows.size(), wanted));
            auto begun = make_flows(std::min(wanted - flows.size(), wanted / 8));
            insert_all(begun, age);
            flows.insert(flows.end(), begun.begin(), begun.end());
            table_.sweep(kBuckets / 3, age);
            turns += table_.is_spread() != was_spread ? 1 : 0;
        }
    }
    use_all(flows, at(now_s));
    EXPECT_EQ(turns, 3u);
}

TEST_F(FlowSpreadTest, OfTwoFullBucketsTheOldestUnprovenFlowIsEvicted) {
    for (const bool is_first_older : {true, false}) {
        std::fill(memory_.begin(), memory_.end(), FlowBucket());
        table_ = FlowTable(memory_);
        const FlowPlace wanted = place({1, 0});
        const FlowPlace alternate{wanted.hash % kBuckets, wanted.hash, 0};
        ASSERT_NE(wanted.bucket, alternate.bucket);
        for (const bool is_first : {true, false}) {
            const std::uint32_t began_s = is_first == is_first_older ? 0 : 20;
            for (std::uint32_t i = 0; i < 8; ++i)
                table_.insert({(is_first ? wanted : alternate).bucket, wanted.hash,
                               2000 + i + (is_first ? 0 : 8)},
                              0, FlowState::kYoung, at(began_s));
        }
        EXPECT_EQ(table_.insert(wanted, 7, FlowState::kOpening, at(40)), InsertOutcome::kEvicted);
        EXPECT_EQ(count_in_first(wanted), is_first_older ? 1u : 0u);
        ASSERT_NE(table_.find(wanted, at(40)), nullptr);
        EXPECT_EQ(FlowTable(memory_).peek(wanted, at(40))->backend, 7);
    }
}

TEST_F(FlowSpreadTest, FindCommonAgreesWithFindInBothLayouts) {
    for (const std::size_t count : {kFewFlows, kManyFlows}) {
        auto flows = make_flows(count);
        insert_all(flows, at(0));
        std::size_t found = 0;
        for (std::size_t i = 0; i < flows.size(); ++i) {
            if (i % 2 == 0)
                use_all(std::span(flows).subspan(i, 1), at(40));
            const FlowEntry* const common = table_.find_common(place(flows[i]), at(40));
            if (common == nullptr)
                continue;
            ++found;
            ASSERT_EQ(table_.find(place(flows[i]), at(40)), common);
            ASSERT_EQ(common->backend, flows[i].backend);
        }
        EXPECT_GT(found, flows.size() / 3);
    }
    EXPECT_TRUE(table_.is_spread());
}

}  // namespace
}  // namespace vipfwd::packet
