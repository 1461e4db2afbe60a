// SPDX-License-Identifier: Apache-2.0
// What an operator does to a group: by command, and by another configuration.
#include <gtest/gtest.h>

#include <optional>

#include "control/gateway/group.h"
#include "tests/control/gateway/scene.h"

namespace vipfwd::gateway {
namespace {

class GroupOperatorTest : public GroupTest {
  protected:
    // Another of that priority advertises, as long as it is heard.
    void bear(std::uint8_t priority, int intervals) {
        for (int i = 0; i < intervals; ++i) {
            hear(priority);
            pass(now_ + kInterval);
        }
    }
};

TEST_F(GroupOperatorTest, DisabledItResignsAndTakesNoPartUntilItIsEnabled) {
    start_as_active();
    group_->set_enabled(false, now_);
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(cause(), "operator");
    EXPECT_EQ(hindrances(), "disabled by the operator");
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane says it";
    pass(now_ + 10 * kActiveDown);
    EXPECT_EQ(state(), "down");
    group_->set_enabled(true, now_);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(hindrances(), "");
    EXPECT_EQ(written(), "");
    pass(now_ + kActiveDown);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
}

TEST_F(GroupOperatorTest, DisabledBeforeItCouldStartItDoesNot) {
    group_->set_enabled(false, now_);
    follow();
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(group_->deadline_ns(), vrrp::kNever);
    group_->set_enabled(true, now_);
    follow();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupOperatorTest, SaysEverythingThatHindersIt) {
    group_->set_enabled(false, now_);
    situation_ = {};
    follow();
    EXPECT_EQ(hindrances(),
              "disabled by the operator, the dataplane does not work, "
              "its tables are not in force, its port has no address to advertise from");
}

TEST_F(GroupOperatorTest, AChosenPriorityIsAdvertisedInsteadOfTheConfiguredOne) {
    start_as_active();
    group_->set_priority(50, now_);
    EXPECT_EQ(written(), "owner 50 +advert");
    config_.priority = 150;
    configure();
    EXPECT_EQ(written(), "");
    const auto described = group_->describe(now_);
    EXPECT_EQ(described.priority, 50);
    EXPECT_EQ(described.chosen_priority, 50);
    EXPECT_EQ(described.configured_priority, 150);
    group_->set_priority(std::nullopt, now_);
    EXPECT_EQ(written(), "owner 150 +advert");
    EXPECT_FALSE(group_->describe(now_).chosen_priority);
}

TEST_F(GroupOperatorTest, WhatWasOrderedOutlivesControlAndEndsWithTheGroup) {
    start_as_active();
    group_->set_priority(50, now_);
    restart_control();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(group_->describe(now_).chosen_priority, 50);
    EXPECT_EQ(group_->describe(now_).priority, 50);
    group_->set_enabled(false, now_);
    restart_control();
    EXPECT_EQ(hindrances(), "disabled by the operator");
    group_->set_enabled(true, now_);
    group_->set_priority(std::nullopt, now_);
    restart_control();
    EXPECT_EQ(group_->describe(now_).priority, 100);
    EXPECT_EQ(state(), "backup");
    group_->set_priority(50, now_);
    group_->stop(now_);
    restart_control();
    EXPECT_EQ(group_->describe(now_).priority, 100);
}

TEST_F(GroupOperatorTest, AnOrderBeforeThereIsALeaseHolds) {
    const Situation complete = std::exchange(situation_, {});
    lease().operator_override.store(200);
    follow();
    group_->set_priority(50, now_);
    situation_ = complete;
    follow();
    EXPECT_EQ(group_->describe(now_).priority, 50);
    restart_control();
    EXPECT_EQ(group_->describe(now_).priority, 50);
}

TEST_F(GroupOperatorTest, AChosenPriorityIsNoneWhileItIsHindered) {
    start_as_active();
    group_->set_enabled(false, now_);
    group_->set_priority(200, now_);
    EXPECT_EQ(group_->describe(now_).priority, 0);
    group_->set_enabled(true, now_);
    EXPECT_EQ(group_->describe(now_).priority, 200);
}

TEST_F(GroupOperatorTest, OnlyWhoIsActiveCanHandOver) {
    EXPECT_EQ(group_->hand_over(now_).error().message, "group 'edge' is not active here");
    start_as_backup();
    EXPECT_FALSE(group_->hand_over(now_));
    pass(now_ + kActiveDown);
    EXPECT_TRUE(group_->hand_over(now_));
    EXPECT_FALSE(group_->hand_over(now_)) << "twice";
}

TEST_F(GroupOperatorTest, HandsOverToWhoAdvertisesThenAndDoesNotPreempt) {
    start_as_active();
    now_ += 100 * kMs;
    ASSERT_TRUE(group_->hand_over(now_));
    EXPECT_EQ(written(), "handing_over 100");
    EXPECT_EQ(expires(), now_ + kHold);
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane says it";
    group_->hear(advert(50), from(kLarger, now_ - 1), now_);
    EXPECT_EQ(state(), "handing_over") << "that was sent before";
    now_ += 100 * kMs;
    hear(50);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(cause(), "handover");
    EXPECT_EQ(written(), "backup 100");
    bear(50, 20);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(lease().election_state.load() & 1, 0u) << "may not preempt";
}

TEST_F(GroupOperatorTest, IsActiveAgainIfNobodyTakesOver) {
    start_as_active();
    ASSERT_TRUE(group_->hand_over(now_));
    (void)written();
    const std::int64_t began = now_;
    pass(began + 4 * kInterval - 1);
    EXPECT_EQ(written(), "");
    pass(began + 4 * kInterval);
    EXPECT_EQ(written(), "owner 100 +advert");
    EXPECT_EQ(cause(), "no_successor");
    hear(50);
    EXPECT_EQ(state(), "active") << "and the handover is over";
}

TEST_F(GroupOperatorTest, AHandoverEndsWithTheDataplane) {
    start_as_active();
    ASSERT_TRUE(group_->hand_over(now_));
    situation_.dataplane_works = false;
    follow();
    EXPECT_EQ(claim().state, LeaseState::kResigned);
    EXPECT_EQ(group_->take_advert(), 0);
}

TEST_F(GroupOperatorTest, ADataplaneThatLeavesHandsOverAndTheNextOneTakesPartAgain) {
    start_as_active();
    group_->leave(now_);
    EXPECT_EQ(written(), "handing_over 100");
    EXPECT_EQ(hindrances(), "the dataplane is stopping");
    now_ += 100 * kMs;
    follow();
    EXPECT_EQ(written(), "") << "until another has taken over";
    hear(50);
    follow();
    EXPECT_EQ(state(), "down");
    situation_.dataplane_works = false;
    follow();
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "it has been said";
    situation_.dataplane_works = true;
    follow();
    EXPECT_EQ(state(), "backup");
    bear(50, 4);
    EXPECT_EQ(state(), "active") << "the next dataplane may preempt";
}

TEST_F(GroupOperatorTest, WhoHandedOverPreemptsAgainOnceTheOperatorSaysSo) {
    for (const bool by_priority : {true, false}) {
        group_ = std::make_unique<Group>(config_);
        *leases_ = {};
        start_as_active();
        ASSERT_TRUE(group_->hand_over(now_));
        bear(50, 10);
        ASSERT_EQ(state(), "backup");
        if (by_priority)
            group_->set_priority(100, now_);
        else
            group_->set_enabled(true, now_);
        bear(50, 4);
        EXPECT_EQ(state(), "active") << by_priority;
    }
}

TEST_F(GroupOperatorTest, AnotherConfiguredPriorityIsAdvertisedAtOnceByWhoIsActive) {
    start_as_active();
    config_.priority = 120;
    configure();
    EXPECT_EQ(written(), "owner 120 +advert");
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(group_->describe(now_).configured_priority, 120);
}

TEST_F(GroupOperatorTest, AnotherConfiguredPriorityOfABackupDecidesWhomItPreempts) {
    start_as_backup();
    bear(110, 10);
    EXPECT_EQ(state(), "backup");
    config_.priority = 120;
    configure();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(written(), "");
    bear(110, 4);
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(claim().priority, 120);
}

TEST_F(GroupOperatorTest, WithAnotherIntervalWhoOwnsGoesOnTo) {
    start_as_active();
    config_.advert_interval_ms = 640;
    configure();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    pass(now_ + 20 * kActiveDown);
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->describe(now_).advert_interval_ms, 640u);
}

TEST_F(GroupOperatorTest, WithAnotherIntervalAndPriorityTheAdvertIsDueAtOnce) {
    start_as_active();
    config_.advert_interval_ms = 640;
    config_.priority = 120;
    configure();
    EXPECT_EQ(written(), "owner 120 +advert");
}

TEST_F(GroupOperatorTest, WithAnotherIntervalABackupStillGoesByThatOfWhomItFollows) {
    start_as_backup();
    hear(200);
    config_.advert_interval_ms = 640;
    configure();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(group_->deadline_ns(), now_ + kActiveDown);
    hear(200, kLarger, 640);
    EXPECT_EQ(group_->deadline_ns(), now_ + kActiveDown / 2);
}

TEST_F(GroupOperatorTest, WithAnotherIdItHearsOthersAndStaysWhatItIs) {
    start_as_active();
    config_.id = 52;
    configure();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    hear(200);
    EXPECT_EQ(state(), "active") << "of the id before";
    vrrp::Advert higher = advert(200);
    higher.id = 52;
    group_->hear(higher, from(kLarger, now_), now_);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupOperatorTest, WithPeersItHearsOnlyThose) {
    start_as_active();
    config_.peers = {kSmaller};
    configure();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    hear(200, kLarger);
    EXPECT_EQ(state(), "active");
    hear(200, kSmaller);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupOperatorTest, ABackupThatMayNotPreemptKeepsToThatThroughAnotherConfiguration) {
    start_as_active();
    ASSERT_TRUE(group_->hand_over(now_));
    bear(50, 2);
    config_.advert_interval_ms = 640;
    configure();
    bear(50, 20);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupOperatorTest, TheSameConfigurationChangesNothing) {
    start_as_active();
    const auto before = group_->describe(now_);
    config_.vips.push_back(*parse_ip("10.0.0.102"));
    configure();
    EXPECT_EQ(written(), "");
    EXPECT_EQ(cause(), before.cause);
    EXPECT_EQ(group_->describe(now_).transitions.size(), before.transitions.size());
    EXPECT_EQ(group_->describe(now_).vips, 3u);
}

}  // namespace
}  // namespace vipfwd::gateway
