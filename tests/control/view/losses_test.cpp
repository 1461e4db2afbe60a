// SPDX-License-Identifier: Apache-2.0
#include "control/view/losses.h"

#include <gtest/gtest.h>

#include <memory>

namespace vipfwd::view {
namespace {

using abi::DropReason;

class LossesTest : public testing::Test {
  protected:
    std::uint64_t& dropped(DropReason reason) {
        return now_.dropped[static_cast<std::size_t>(reason)];
    }
    std::string text() const { return describe_losses(before_, now_); }

    LossCounts before_;
    LossCounts now_;
};

TEST(CountLosses, AddsUpWorkersAndPorts) {
    const auto status = std::make_unique<abi::DataplaneStatus>();
    constexpr auto kReason = static_cast<std::size_t>(DropReason::kNoNextHop);
    status->workers[0].counters.received_packets.set(1000);
    status->workers[3].counters.received_packets.set(500);
    status->workers[3].counters.dropped[kReason].set(7);
    status->ports[0].missed_packets.set(2);
    status->ports[1].missed_packets.set(3);
    const LossCounts counts = count_losses(*status);
    EXPECT_EQ(counts.received, 1500u);
    EXPECT_EQ(counts.missed, 5u);
    EXPECT_EQ(counts.dropped[kReason], 7u);
}

TEST_F(LossesTest, LossesOfOnePercentMatter) {
    now_.received = 20'000;
    dropped(DropReason::kNoNextHop) = 199;
    EXPECT_EQ(text(), "");
    dropped(DropReason::kPoolEmpty) = 1;
    EXPECT_EQ(text(),
              "200 of 20000 packets of the last seconds were lost: pool_empty 1, "
              "no_next_hop 199; see show drops");
}

TEST_F(LossesTest, AFewPacketsDoNotMatter) {
    now_.received = 200;
    dropped(DropReason::kNoNextHop) = 99;
    EXPECT_EQ(text(), "");
    now_.missed = 1;
    EXPECT_EQ(text(),
              "100 of 201 packets of the last seconds were lost: missed by ports 1, "
              "no_next_hop 99; see show drops");
}

TEST_F(LossesTest, OnlyWhatWasLostInBetweenCounts) {
    before_.received = 1'000'000;
    before_.dropped[static_cast<std::size_t>(DropReason::kPortClosed)] = 50'000;
    now_ = before_;
    now_.received += 10'000;
    EXPECT_EQ(text(), "");
    dropped(DropReason::kPortClosed) += 100;
    EXPECT_NE(text(), "");
}

TEST_F(LossesTest, WhatSendersCauseIsNoLoss) {
    now_.received = 10'000;
    dropped(DropReason::kIpv4Checksum) = 5000;
    dropped(DropReason::kFragmentTimeout) = 5000;
    EXPECT_EQ(text(), "");
}

TEST_F(LossesTest, CountersOfAnotherRegionSayNothing) {
    before_.received = 1000;
    now_.received = 500;
    dropped(DropReason::kNoNextHop) = 400;
    EXPECT_EQ(text(), "");
}

}  // namespace
}  // namespace vipfwd::view
