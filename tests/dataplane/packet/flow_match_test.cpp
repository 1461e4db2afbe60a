// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_match.h"

#include <gtest/gtest.h>

#include <random>

namespace vipfwd::packet {
namespace {

TEST(FlowMatch, EveryWayFindsTheSameEntries) {
    std::mt19937 random(1);
    for (int round = 0; round < 10'000; ++round) {
        FlowBucket bucket;
        for (FlowEntry& entry : bucket.entries) {
            // Few tags, so that they repeat, and all else looks like one.
            entry = {static_cast<std::uint32_t>(random() % 4),
                     static_cast<std::uint16_t>(random() % 4),
                     static_cast<std::uint16_t>(random() % 4)};
        }
        for (std::uint32_t tag = 0; tag < 5; ++tag)
            ASSERT_EQ(matching(bucket, tag), matching_plain(bucket, tag));
    }
}

TEST(FlowMatch, ABitStandsForItsEntry) {
    for (std::uint32_t i = 0; i < 8; ++i) {
        FlowBucket bucket;
        bucket.entries[i].tag = 7;
        EXPECT_EQ(matching(bucket, 7), 1u << i);
    }
}

}  // namespace
}  // namespace vipfwd::packet
