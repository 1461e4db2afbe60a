// SPDX-License-Identifier: Apache-2.0
// What is written to the lease, and when.
#include <gtest/gtest.h>

#include "control/gateway/group.h"
#include "tests/control/gateway/scene.h"

namespace vipfwd::gateway {
namespace {

class GroupLeaseTest : public GroupTest {};

TEST_F(GroupLeaseTest, NothingHappensBeforeThereIsALeaseAnAddressAndAWorkingDataplane) {
    const Situation complete = situation_;
    std::vector<Situation> lacking(4, complete);
    lacking[0].leases = nullptr;
    lacking[1].lease = abi::kNoGroup;
    lacking[2].source = {};
    lacking[3].dataplane_works = false;
    for (const Situation& situation : lacking) {
        situation_ = situation;
        follow();
        group_->on_time(now_);
        hear(0);
        EXPECT_EQ(state(), "down");
        EXPECT_FALSE(group_->describe(now_).age_ms);
        EXPECT_NE(hindrances(), "");
        EXPECT_EQ(group_->deadline_ns(), vrrp::kNever);
        EXPECT_EQ(group_->take_advert(), std::nullopt);
        EXPECT_EQ(written(), "");
    }
    situation_ = complete;
    follow();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(hindrances(), "");
}

TEST_F(GroupLeaseTest, TheFirstElectionIsWonBySilence) {
    follow();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->deadline_ns(), kStart + kActiveDown);
    now_ = kStart + kActiveDown - 1;
    group_->on_time(now_);
    EXPECT_EQ(state(), "backup");
    now_ = kStart + kActiveDown;
    group_->on_time(now_);
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
    EXPECT_EQ(expires(), now_ + kHold);
    EXPECT_EQ(leases_->changes.load(), 1u);
}

TEST_F(GroupLeaseTest, PriorityFromTheStartIsThatOfTheConfiguration) {
    config_.priority = vrrp::kOwnerPriority;
    configure();
    follow();
    EXPECT_EQ(written(), "owner 255 +advert +announcement") << "who has 255 does not wait";
}

TEST_F(GroupLeaseTest, NobodyIsActiveBeforeTheStartupDelayIsOver) {
    config_.startup_delay_ms = 30'000;
    configure();
    follow();
    EXPECT_EQ(group_->deadline_ns(), kStart + 30'000 * kMs);
    pass(kStart + 30'000 * kMs);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
}

TEST_F(GroupLeaseTest, FollowingRenewsItAndClaimsNothingNew) {
    start_as_active();
    for (int i = 0; i < 1000; ++i) {
        now_ += kHold - 1;
        follow();
        ASSERT_EQ(expires(), now_ + kHold);
    }
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
}

TEST_F(GroupLeaseTest, GivesWayToOneOfHigherPriority) {
    start_as_active();
    const std::int64_t before = expires();
    now_ += 100 * kMs;
    hear(101);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(written(), "backup 100");
    EXPECT_EQ(expires(), before) << "what is given up is not prolonged";
    EXPECT_EQ(group_->take_advert(), std::nullopt);
    EXPECT_EQ(group_->deadline_ns(), now_ + kActiveDown);
}

TEST_F(GroupLeaseTest, GivesWayToALargerAddressOfItsPriorityAndNotToASmallerOne) {
    start_as_active();
    hear(100, kSmaller);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
    hear(100, kLarger);
    EXPECT_EQ(written(), "backup 100");
    EXPECT_EQ(cause(), "larger_address");
}

TEST_F(GroupLeaseTest, AnswersARivalWithAnAdvertAndAnnouncesOnceMoreAfterTheLastOne) {
    start_as_active();
    hear(50);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
    now_ += 100 * kMs;
    hear(50);
    EXPECT_EQ(written(), "owner 100 +advert") << "announces at most once an interval";
    pass(now_ + kInterval - 1);
    EXPECT_EQ(written(), "");
    pass(now_ + 1);
    EXPECT_EQ(written(), "owner 100 +announcement") << "no advert is due";
    EXPECT_EQ(group_->deadline_ns(), vrrp::kNever);
}

TEST_F(GroupLeaseTest, ABackupThatInsistsAdvertisesPastTheDataplane) {
    start_as_active();
    hear(200);
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane says it";
    (void)written();
    now_ += kInterval;
    hear(200);
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->take_advert(), 100);
    EXPECT_EQ(group_->take_advert(), std::nullopt);
}

TEST_F(GroupLeaseTest, AnswersOneThatResignsWithAnAdvert) {
    start_as_active();
    hear(0);
    EXPECT_EQ(written(), "owner 100 +advert");
}

TEST_F(GroupLeaseTest, WhatABackupHearsChangesOnlyItsStanding) {
    start_as_backup();
    hear(200, kLarger, 2 * kInterval_ms);
    EXPECT_EQ(written(), "");
    EXPECT_EQ(lease().election_state.load() >> 1, 2u * kInterval_ms);
    EXPECT_EQ(lease().election_state.load() & 1, 1u) << "may preempt";
    hear(0);
    EXPECT_EQ(group_->deadline_ns(), now_ + 2 * kSkew);
    pass(now_ + 2 * kSkew);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
    EXPECT_EQ(cause(), "priority_zero");
}

TEST_F(GroupLeaseTest, LongAfterItTakesOverTheLeaseIsGoodForTheHoldTime) {
    start_as_backup();
    config_.hold_ms = 3000;
    configure();
    pass(kStart + kActiveDown);
    EXPECT_EQ(expires(), now_ + 3000 * kMs);
    EXPECT_EQ(state_for_dataplane(), LeaseState::kOwner);
    now_ += 3000 * kMs - 1;
    EXPECT_EQ(state_for_dataplane(), LeaseState::kOwner);
    now_ += 1;
    EXPECT_EQ(state_for_dataplane(), LeaseState::kResigned);
}

TEST_F(GroupLeaseTest, WhoStopsResignsAndLeavesNothingToAdopt) {
    start_as_active();
    group_->stop(now_);
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane says it";
    pass(now_ + kHold);
    EXPECT_EQ(written(), "");
    EXPECT_EQ(expires(), 0);
}

TEST_F(GroupLeaseTest, ADataplaneThatStopsIsSpokenForOnce) {
    start_as_active();
    situation_.dataplane_works = false;
    follow();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(cause(), "dataplane");
    EXPECT_EQ(hindrances(), "the dataplane does not work");
    EXPECT_EQ(group_->describe(now_).priority, 0);
    EXPECT_EQ(group_->take_advert(), 0);
    EXPECT_EQ(group_->take_advert(), std::nullopt);
    follow();
    EXPECT_EQ(group_->take_advert(), std::nullopt);
    EXPECT_EQ(group_->deadline_ns(), vrrp::kNever);

    now_ += 5000 * kMs;
    situation_.dataplane_works = true;
    follow();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(cause(), "dataplane");
    EXPECT_EQ(written(), "") << "priority 0 may not have been said yet";
    pass(now_ + kActiveDown);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
    EXPECT_EQ(expires(), now_ + kHold);
}

TEST_F(GroupLeaseTest, ABackupWhoseDataplaneStopsHasNothingToSay) {
    start_as_backup();
    situation_.dataplane_works = false;
    follow();
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->take_advert(), std::nullopt);
}

TEST_F(GroupLeaseTest, WithoutAnAddressItResignsUntilItHasAnother) {
    start_as_active();
    situation_.source = {};
    follow();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(cause(), "tables");
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane says it";
    EXPECT_EQ(hindrances(), "its port has no address to advertise from");
    situation_.source = kSmaller;
    follow();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(group_->describe(now_).source, kSmaller);
}

TEST_F(GroupLeaseTest, AnotherAddressIsThatOfTiesAndOfOwnAdvertsFromNowOn) {
    start_as_active();
    situation_.source = *parse_ip("10.0.2.1");
    follow();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    hear(100, *parse_ip("10.0.2.1"));
    EXPECT_EQ(written(), "") << "its own";
    hear(100, kLarger);
    EXPECT_EQ(written(), "owner 100 +advert +announcement") << "no longer the larger one";
}

// Whose tables are gone cannot write; what it left must not be renewed by mistake.
TEST_F(GroupLeaseTest, AClaimThatItCouldNotTakeBackIsNotRenewed) {
    start_as_active();
    situation_.lease = abi::kNoGroup;
    follow();
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(hindrances(), "its tables are not in force");
    EXPECT_EQ(written(), "");
    group_->set_enabled(false, now_);
    situation_.lease = kLease;
    const std::int64_t before = expires();
    pass(now_ + kHold);
    EXPECT_EQ(expires(), before);
    EXPECT_EQ(state_for_dataplane(), LeaseState::kResigned);
}

TEST_F(GroupLeaseTest, InAnotherRegionItIsABackup) {
    start_as_active();
    const auto other = std::make_unique<abi::LeaseArea>();
    situation_.leases = other.get();
    follow();
    EXPECT_EQ(state(), "backup");
    EXPECT_NE(other->groups[kLease].at(static_cast<std::uint64_t>(now_)).state, LeaseState::kOwner);
    pass(now_ + kActiveDown);
    EXPECT_EQ(other->groups[kLease].at(static_cast<std::uint64_t>(now_)).state, LeaseState::kOwner);
    EXPECT_EQ(written(), "") << "in the one before";
    situation_.leases = leases_.get();
}

}  // namespace
}  // namespace vipfwd::gateway
