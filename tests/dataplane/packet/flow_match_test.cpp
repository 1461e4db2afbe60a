// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_match.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

TEST(FlowMatch, Avx2AndPlainCodeFindTheSameEntries) {
    std::mt19937 random(1);
    for (int round = 0; round < 10'000; ++round) {
        FlowBucket bucket;
        for (FlowEntry& entry : bucket.entries) {
            // Few tags, so that they repeat, and other fields that look like tags.
            entry = {static_cast<std::uint32_t>(random() % 4),
                     static_cast<std::uint16_t>(random() % 4),
                     static_cast<std::uint16_t>(random() % 4)};
        }
        for (std::uint32_t tag = 0; tag < 5; ++tag) {
            ASSERT_EQ(entries_with_tag(bucket, tag), entries_with_tag_plain(bucket, tag));
            ASSERT_EQ(has_tag(bucket, tag), has_tag_plain(bucket, tag));
        }
    }
}

TEST(FlowMatch, Avx2AndPlainCodeFindTheSameRoomAndVictim) {
    std::mt19937 random(1);
    FlowShares shares;
    shares.limit(500);
    for (int i = 0; i < 250'000; ++i)
        shares.add({.tag = static_cast<std::uint32_t>(random()),
                    .backend = 0,
                    .stamp = make_stamp(FlowState::kYoung, 0)});
    std::uint32_t full = 0;
    for (int round = 0; round < 20'000; ++round) {
        const FlowAge age(sample::kTimeouts, static_cast<std::uint32_t>(random() % 200'000));
        // Half of the buckets have mostly live entries, some have established ones only.
        const std::uint32_t longest_ago = round % 2 == 0 ? 12 : kFlowTimeMask;
        FlowBucket bucket;
        for (FlowEntry& entry : bucket.entries) {
            const std::size_t state = round % 4 == 0 ? 5 : random() % 8;
            const auto used_at = static_cast<std::uint32_t>(age.now() - random() % longest_ago);
            entry = {
                static_cast<std::uint32_t>(random()), static_cast<std::uint16_t>(random()),
                static_cast<std::uint16_t>(state << kFlowTimeBits | (used_at & kFlowTimeMask))};
        }
        ASSERT_EQ(dead_entries(bucket, age), dead_entries_plain(bucket, age));
        if (dead_entries(bucket, age) != 0)
            continue;
        ++full;
        ASSERT_EQ(unproven_entries(bucket), unproven_entries_plain(bucket));
        const std::uint8_t flow_class = class_of(bucket.entries[random() % 8].tag);
        ASSERT_EQ(entries_of_class(bucket, flow_class), entries_of_class_plain(bucket, flow_class));
        ASSERT_EQ(entries_over_share(bucket, shares), entries_over_share_plain(bucket, shares));
        const auto mask = static_cast<std::uint32_t>(1 + random() % 255);
        ASSERT_EQ(oldest_entry(bucket, mask, age), oldest_entry_plain(bucket, mask, age));
    }
    EXPECT_GT(full, 1000u) << "too few buckets without room";
}

TEST(FlowMatch, ABitStandsForItsEntry) {
    for (std::uint32_t i = 0; i < 8; ++i) {
        FlowBucket bucket;
        bucket.entries[i].tag = 7;
        EXPECT_EQ(entries_with_tag(bucket, 7), 1u << i);
    }
}

}  // namespace
}  // namespace vipfwd::packet
