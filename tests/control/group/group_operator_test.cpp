// SPDX-License-Identifier: Apache-2.0
// Commands of the operator, and changes of the configuration.
#include <gtest/gtest.h>

#include <optional>

#include "control/group/group.h"
#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

class GroupOperatorTest : public GroupTest {
  protected:
    // A peer of that priority advertises for so many intervals.
    void bear(std::uint8_t priority, int intervals) {
        for (int i = 0; i < intervals; ++i) {
            hear(priority);
            pass(now_ + kInterval);
        }
    }
};

TEST_F(GroupOperatorTest, ADisabledGroupResignsAndStaysDownUntilItIsEnabled) {
    start_as_active();
    group_->set_enabled(false, now_);
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(cause(), "operator");
    EXPECT_EQ(hindrances(), "disabled by the operator");
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane sends it";
    pass(now_ + 10 * kActiveDown);
    EXPECT_EQ(state(), "down");
    group_->set_enabled(true, now_);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(hindrances(), "");
    EXPECT_EQ(written(), "");
    pass(now_ + kActiveDown);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
}

TEST_F(GroupOperatorTest, AGroupThatIsDisabledBeforeItsStartDoesNotStart) {
    group_->set_enabled(false, now_);
    update();
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(group_->deadline_ns(), vrrp::kNever);
    group_->set_enabled(true, now_);
    update();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupOperatorTest, AllHindrancesAreListed) {
    group_->set_enabled(false, now_);
    inputs_ = {};
    update();
    EXPECT_EQ(hindrances(),
              "disabled by the operator, the dataplane is not forwarding, "
              "the link of port uplink is not known yet, its tables are not in force, "
              "port uplink has no address to advertise from");
}

TEST_F(GroupOperatorTest, AChosenPriorityIsAdvertisedInsteadOfTheConfiguredOne) {
    start_as_active();
    group_->set_priority(50, now_);
    EXPECT_EQ(written(), "owner 50 +advert");
    config_.priority = 150;
    configure();
    EXPECT_EQ(written(), "");
    const auto described = group_->status(now_);
    EXPECT_EQ(described.effective_priority, 50);
    EXPECT_EQ(described.chosen_priority, 50);
    EXPECT_EQ(described.configured_priority, 150);
    group_->set_priority(std::nullopt, now_);
    EXPECT_EQ(written(), "owner 150 +advert");
    EXPECT_FALSE(group_->status(now_).chosen_priority);
}

TEST_F(GroupOperatorTest, AnOverrideOutlivesControlAndEndsWithTheGroup) {
    start_as_active();
    group_->set_priority(50, now_);
    restart_control();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(group_->status(now_).chosen_priority, 50);
    EXPECT_EQ(group_->status(now_).effective_priority, 50);
    group_->set_enabled(false, now_);
    restart_control();
    EXPECT_EQ(hindrances(), "disabled by the operator");
    group_->set_enabled(true, now_);
    group_->set_priority(std::nullopt, now_);
    restart_control();
    EXPECT_EQ(group_->status(now_).effective_priority, 100);
    EXPECT_EQ(state(), "backup");
    group_->set_priority(50, now_);
    group_->stop(now_);
    restart_control();
    EXPECT_EQ(group_->status(now_).effective_priority, 100);
}

TEST_F(GroupOperatorTest, AnOverrideGivenBeforeThereIsALeaseHolds) {
    const GroupInputs complete = std::exchange(inputs_, {});
    lease().operator_override.store(200);
    update();
    group_->set_priority(50, now_);
    inputs_ = complete;
    update();
    EXPECT_EQ(group_->status(now_).effective_priority, 50);
    restart_control();
    EXPECT_EQ(group_->status(now_).effective_priority, 50);
}

TEST_F(GroupOperatorTest, AChosenPriorityHasNoEffectWhileIneligible) {
    start_as_active();
    group_->set_enabled(false, now_);
    group_->set_priority(200, now_);
    EXPECT_EQ(group_->status(now_).effective_priority, 0);
    group_->set_enabled(true, now_);
    EXPECT_EQ(group_->status(now_).effective_priority, 200);
}

TEST_F(GroupOperatorTest, OnlyAnActiveGroupCanHandOver) {
    EXPECT_EQ(group_->hand_over(now_).error().message, "group 'edge' is not active here");
    start_as_backup();
    EXPECT_FALSE(group_->hand_over(now_));
    pass(now_ + kActiveDown);
    EXPECT_TRUE(group_->hand_over(now_));
    EXPECT_FALSE(group_->hand_over(now_)) << "twice";
}

TEST_F(GroupOperatorTest, HandsOverToThePeerThatAdvertisesThenAndDoesNotPreemptIt) {
    start_as_active();
    now_ += 100 * kMs;
    ASSERT_TRUE(group_->hand_over(now_));
    EXPECT_EQ(written(), "handing_over 100");
    EXPECT_EQ(expires(), now_ + kHold);
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane sends it";
    group_->on_advert(advert(50), from(kLarger, now_ - 1), now_);
    EXPECT_EQ(state(), "handing_over") << "the advert was sent before the handover";
    now_ += 100 * kMs;
    hear(50);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(cause(), "handover");
    EXPECT_EQ(written(), "backup 100");
    bear(50, 20);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(lease().election_state.load() & 1, 0u) << "may not preempt";
}

TEST_F(GroupOperatorTest, IsActiveAgainIfNoPeerTakesOver) {
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
    inputs_.dataplane_forwards = false;
    update();
    EXPECT_EQ(claim().state, LeaseState::kResigned);
    EXPECT_EQ(group_->take_advert(), 0);
}

TEST_F(GroupOperatorTest, AStoppingDataplaneHandsOverAndTheNextOneMayPreempt) {
    start_as_active();
    group_->on_dataplane_stopping(now_);
    EXPECT_EQ(written(), "handing_over 100");
    EXPECT_EQ(hindrances(), "the dataplane is stopping");
    now_ += 100 * kMs;
    update();
    EXPECT_EQ(written(), "") << "until a peer has taken over";
    hear(50);
    update();
    EXPECT_EQ(state(), "down");
    inputs_.dataplane_forwards = false;
    update();
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "it was sent already";
    inputs_.dataplane_forwards = true;
    update();
    EXPECT_EQ(state(), "backup");
    bear(50, 4);
    EXPECT_EQ(state(), "active") << "the next dataplane may preempt";
}

TEST_F(GroupOperatorTest, AfterAHandoverACommandAllowsPreemptionAgain) {
    for (const bool by_priority : {true, false}) {
        group_ = std::make_unique<Group>(config_, ignore_event);
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

TEST_F(GroupOperatorTest, AnActiveGroupAdvertisesANewConfiguredPriorityAtOnce) {
    start_as_active();
    config_.priority = 120;
    configure();
    EXPECT_EQ(written(), "owner 120 +advert");
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(group_->status(now_).configured_priority, 120);
}

TEST_F(GroupOperatorTest, ANewConfiguredPriorityDecidesWhichPeersABackupPreempts) {
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

TEST_F(GroupOperatorTest, ANewIntervalDoesNotInterruptAnOwner) {
    start_as_active();
    config_.advert_interval_ms = 640;
    configure();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    pass(now_ + 20 * kActiveDown);
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->status(now_).advert_interval_ms, 640u);
}

TEST_F(GroupOperatorTest, ANewIntervalAndPriorityAreAdvertisedAtOnce) {
    start_as_active();
    config_.advert_interval_ms = 640;
    config_.priority = 120;
    configure();
    EXPECT_EQ(written(), "owner 120 +advert");
}

TEST_F(GroupOperatorTest, ANewOwnIntervalLeavesABackupAtThePeersInterval) {
    start_as_backup();
    hear(200);
    config_.advert_interval_ms = 640;
    configure();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(group_->deadline_ns(), now_ + kActiveDown);
    hear(200, kLarger, 640);
    EXPECT_EQ(group_->deadline_ns(), now_ + kActiveDown / 2);
}

TEST_F(GroupOperatorTest, ANewIdChangesWhichAdvertsCountButNotTheState) {
    start_as_active();
    config_.id = 52;
    configure();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    hear(200);
    EXPECT_EQ(state(), "active") << "an advert for the former id";
    vrrp::Advert higher = advert(200);
    higher.id = 52;
    group_->on_advert(higher, from(kLarger, now_), now_);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupOperatorTest, WithPeersOnlyTheirAdvertsCount) {
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

TEST_F(GroupOperatorTest, AReconfigurationDoesNotAllowPreemptionAfterAHandover) {
    start_as_active();
    ASSERT_TRUE(group_->hand_over(now_));
    bear(50, 2);
    config_.advert_interval_ms = 640;
    configure();
    bear(50, 20);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupOperatorTest, AnUnchangedElectionIsNotTouchedByAReconfiguration) {
    start_as_active();
    const auto before = group_->status(now_);
    config_.vips.push_back(*parse_ip("10.0.0.102"));
    configure();
    EXPECT_EQ(written(), "");
    EXPECT_EQ(cause(), name(before.cause));
    EXPECT_EQ(group_->status(now_).transitions.size(), before.transitions.size());
    EXPECT_EQ(group_->status(now_).vips, 3u);
}

}  // namespace
}  // namespace vipfwd::group
