// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_shares.h"

#include <gtest/gtest.h>

namespace vipfwd::packet {
namespace {

FlowEntry entry_of_class(FlowState state, std::uint8_t flow_class) {
    return {.tag = flow_tag_base(0, flow_class), .backend = 0, .stamp = make_stamp(state, 9)};
}

TEST(FlowShares, CountsEntriesByClassAndNotFreeOnes) {
    FlowShares shares;
    shares.add(entry_of_class(FlowState::kYoung, 7));
    shares.add(entry_of_class(FlowState::kEstablished, 7));
    shares.add(entry_of_class(FlowState::kUdp, 255));
    EXPECT_EQ(shares.held()[7], 2);
    EXPECT_EQ(shares.proven(7), 1);
    EXPECT_EQ(shares.held()[255], 1);
    EXPECT_EQ(shares.proven(255), 1);
    EXPECT_EQ(shares.held()[0], 0);
    shares.remove(entry_of_class(FlowState::kEstablished, 7));
    shares.remove(FlowEntry());
    EXPECT_EQ(shares.held()[7], 1);
    EXPECT_EQ(shares.proven(7), 0);
    EXPECT_EQ(shares.held()[0], 0);
}

TEST(FlowShares, AClassIsOverItsShareWhenItHoldsMore) {
    FlowShares shares;
    shares.limit(2);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(shares.may_prove(7));
        shares.add(entry_of_class(FlowState::kEstablished, 7));
        EXPECT_FALSE(shares.is_over(7));
    }
    EXPECT_FALSE(shares.may_prove(7));
    shares.add(entry_of_class(FlowState::kYoung, 7));
    EXPECT_TRUE(shares.is_over(7));
    EXPECT_FALSE(shares.is_over(8));
    EXPECT_TRUE(shares.may_prove(8));
}

}  // namespace
}  // namespace vipfwd::packet
