// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/forward_mode.h"

#include <gtest/gtest.h>

#include <set>

namespace vipfwd::abi {
namespace {

TEST(ForwardMode, NoTwoModesHaveOneWord) {
    std::set<std::string_view> words;
    for (const ForwardMode& row : kForwardModes)
        EXPECT_TRUE(words.insert(row.word).second) << row.word;
}

TEST(ForwardMode, OnlyATunnelHasAnOverheadOrCrossesFamilies) {
    for (const ForwardMode& row : kForwardModes) {
        EXPECT_EQ(row.is_tunnel, row.overhead(true) > 0 && row.overhead(false) > 0) << row.word;
        EXPECT_LE(row.crosses_families, row.is_tunnel) << row.word;
    }
}

TEST(ForwardMode, TheLargestOverheadIsOfGueOverIpv6) {
    EXPECT_EQ(kMaxForwardOverhead, forward_mode(Forward::kGue).overhead(false));
}

}  // namespace
}  // namespace vipfwd::abi
