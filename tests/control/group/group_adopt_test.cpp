// SPDX-License-Identifier: Apache-2.0
// Control was restarted, or was not scheduled for a while.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "control/group/group.h"
#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

class GroupAdoptTest : public GroupTest {};

TEST_F(GroupAdoptTest, AValidLeaseOfAFormerControlIsAdopted) {
    config_.startup_delay_ms = 60'000;
    start_as_active();
    now_ += kHold - 1;
    restart_control();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(cause(), "adopted");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(expires(), now_ + kHold) << "at once";
    EXPECT_EQ(group_->take_advert(), std::nullopt);
    now_ += kPulse;
    update();
    EXPECT_EQ(expires(), now_ + kHold);
    EXPECT_EQ(written(), "");
}

TEST_F(GroupAdoptTest, AnExpiredLeaseIsNotAdopted) {
    start_as_active();
    now_ = expires();
    restart_control();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(cause(), "startup");
    EXPECT_EQ(written(), "backup 100");
    EXPECT_EQ(state_for_dataplane(), LeaseState::kBackup);
    EXPECT_EQ(group_->deadline_ns(), now_ + kActiveDown);
}

TEST_F(GroupAdoptTest, AdoptsWithTheCurrentlyConfiguredPriority) {
    start_as_active();
    config_.priority = 150;
    restart_control();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "owner 150 +advert");
}

TEST_F(GroupAdoptTest, ResignsAfterAdoptingIfTheDataplaneDoesNotForward) {
    start_as_active();
    inputs_.dataplane_forwards = false;
    restart_control();
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(group_->take_advert(), 0);
    EXPECT_EQ(group_->take_advert(), std::nullopt);
}

TEST_F(GroupAdoptTest, AHandoverContinuesAfterARestart) {
    start_as_active();
    ASSERT_TRUE(group_->hand_over(now_));
    EXPECT_EQ(written(), "handing_over 100");
    now_ += 100 * kMs;
    restart_control();
    EXPECT_EQ(state(), "handing_over");
    EXPECT_EQ(written(), "") << "a lease that was given up is not taken back";
    now_ += 100 * kMs;
    hear(50);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(written(), "backup 100");
}

TEST_F(GroupAdoptTest, AnAdoptedBackupWaitsByTheIntervalOfThePeerItFollowed) {
    config_.startup_delay_ms = 60'000;
    restart_control();
    pass(kStart + 60'000 * kMs - 1);
    hear(200, kLarger, 2 * kInterval_ms);
    pass(now_ + 1000 * kMs);
    restart_control();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(cause(), "adopted");
    EXPECT_EQ(group_->deadline_ns(), now_ + 2 * kActiveDown) << "by the interval it learnt";
    EXPECT_EQ(written(), "");
}

TEST_F(GroupAdoptTest, ABackupThatHandedOverStillDoesNotPreempt) {
    start_as_active();
    ASSERT_TRUE(group_->hand_over(now_));
    hear(50);
    ASSERT_EQ(state(), "backup");
    (void)written();
    pass(now_ + 1000 * kMs);
    restart_control();
    for (int i = 0; i < 20; ++i) {
        pass(now_ + kInterval);
        hear(50);
    }
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(written(), "");
    pass(now_ + kActiveDown);
    EXPECT_EQ(written(), "owner 100 +advert +announcement") << "only once the peer is silent";
}

TEST_F(GroupAdoptTest, TheStateOfABackupWhoseLeaseExpiredIsNotAdopted) {
    start_as_active();
    ASSERT_TRUE(group_->hand_over(now_));
    hear(50);
    pass(now_ + 1000 * kMs);
    now_ = expires();
    restart_control();
    EXPECT_EQ(cause(), "startup");
    EXPECT_EQ(lease().election_state.load() & 1, 1u) << "may preempt";
}

TEST_F(GroupAdoptTest, AfterAStopThereIsNothingToAdopt) {
    start_as_active();
    group_->stop(now_);
    restart_control();
    EXPECT_EQ(cause(), "startup");
    EXPECT_EQ(written(), "resigned 100") << "the advert of priority 0 may not have been sent yet";
}

// Control was not scheduled: the dataplane has resigned, and a peer may be the owner.
TEST_F(GroupAdoptTest, AnExpiredLeaseIsNoticedByEveryCall) {
    const std::vector<std::pair<const char*, std::function<void()>>> first{
        {"follow", [&] { update(); }},
        {"on_time", [&] { group_->on_deadline(now_); }},
        {"a lower advert", [&] { hear(50); }},
        {"a higher advert", [&] { hear(150); }},
        {"a resignation", [&] { hear(0); }},
        {"hand_over", [&] { EXPECT_FALSE(group_->hand_over(now_)); }},
        {"set_priority", [&] { group_->set_priority(77, now_); }},
        {"set_enabled", [&] { group_->set_enabled(true, now_); }},
        {"configure",
         [&] {
             config_.priority = 150;
             config_.advert_interval_ms = 640;
             configure();
         }},
    };
    for (const auto& [what, act] : first) {
        SCOPED_TRACE(what);
        config_ = edge();
        *leases_ = {};
        group_ = std::make_unique<Group>(config_, ignore_event);
        start_as_active();
        const std::int64_t ran_out = expires();
        now_ = ran_out;
        act();
        EXPECT_EQ(state(), "backup");
        EXPECT_EQ(claim().state, LeaseState::kResigned);
        EXPECT_EQ(state_for_dataplane(), LeaseState::kResigned);
        EXPECT_EQ(claim().priority, 100);
        EXPECT_EQ(group_->status(now_).transitions.front().from, vrrp::State::kDown);
        EXPECT_EQ(group_->take_advert(), std::nullopt);
        update();
        EXPECT_EQ(state_for_dataplane(), LeaseState::kResigned);
    }
}

TEST_F(GroupAdoptTest, AnExpiredLeaseIsNotHandedOver) {
    start_as_active();
    now_ = expires();
    group_->on_dataplane_stopping(now_);
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(state_for_dataplane(), LeaseState::kResigned);
}

TEST_F(GroupAdoptTest, AnAdvertReceivedDuringAPauseKeepsItABackup) {
    start_as_active();
    now_ += kHold + 1000 * kMs;
    const std::int64_t received = now_ - 100 * kMs;
    group_->on_advert(advert(200), from(kLarger, received), now_);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(group_->deadline_ns(), received + kActiveDown);
}

TEST_F(GroupAdoptTest, AfterAPauseItTakesOverAgainIfNoPeerAdvertises) {
    start_as_active();
    now_ += kHold;
    update();
    EXPECT_EQ(written(), "resigned 100");
    const std::int64_t woke = now_;
    pass(woke + kActiveDown - 1);
    EXPECT_EQ(written(), "");
    pass(woke + kActiveDown);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
}

TEST_F(GroupTest, OwnershipIsUndecidedUntilAnOwningLeaseIsAdopted) {
    EXPECT_EQ(group_->owns(now_), std::nullopt) << "no lease is known";
    start_as_active();
    EXPECT_EQ(group_->owns(now_), true);
    group_ = std::make_unique<Group>(config_, ignore_event);
    EXPECT_EQ(group_->owns(now_), std::nullopt);
    update();
    EXPECT_EQ(group_->owns(now_), true);
}

TEST_F(GroupTest, OwnsNothingIfItsLeaseIsABackups) {
    inputs_.dataplane_forwards = false;
    update();
    EXPECT_EQ(group_->owns(now_), false);
}

}  // namespace
}  // namespace vipfwd::group
