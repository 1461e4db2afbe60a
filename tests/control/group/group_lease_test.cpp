// SPDX-License-Identifier: Apache-2.0
// What is written to the lease, and when.
#include <gtest/gtest.h>

#include "control/group/group.h"
#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

class GroupLeaseTest : public GroupTest {};

TEST_F(GroupLeaseTest, NothingHappensWithoutALeaseASourceAddressAndAForwardingDataplane) {
    const GroupInputs complete = inputs_;
    std::vector<GroupInputs> lacking(4, complete);
    lacking[0].leases = nullptr;
    lacking[1].lease = abi::kNoGroup;
    lacking[2].source = {};
    lacking[3].dataplane_forwards = false;
    for (const GroupInputs& situation : lacking) {
        inputs_ = situation;
        update();
        group_->on_deadline(now_);
        hear(0);
        EXPECT_EQ(state(), "down");
        EXPECT_FALSE(group_->status(now_).state_age_ms);
        EXPECT_NE(hindrances(), "");
        EXPECT_EQ(group_->deadline_ns(), vrrp::kNever);
        EXPECT_EQ(group_->take_advert(), std::nullopt);
        EXPECT_EQ(written(), "");
    }
    inputs_ = complete;
    update();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(hindrances(), "");
}

TEST_F(GroupLeaseTest, TheFirstElectionIsWonBySilence) {
    update();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->deadline_ns(), kStart + kActiveDown);
    now_ = kStart + kActiveDown - 1;
    group_->on_deadline(now_);
    EXPECT_EQ(state(), "backup");
    now_ = kStart + kActiveDown;
    group_->on_deadline(now_);
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
    EXPECT_EQ(expires(), now_ + kHold);
    EXPECT_EQ(leases_->changes.load(), 1u);
}

TEST_F(GroupLeaseTest, TheFirstPriorityIsTheConfiguredOne) {
    config_.priority = vrrp::kOwnerPriority;
    configure();
    update();
    EXPECT_EQ(written(), "owner 255 +advert +announcement") << "priority 255 does not wait";
}

TEST_F(GroupLeaseTest, DoesNotBecomeActiveDuringTheStartupDelay) {
    config_.startup_delay_ms = 30'000;
    configure();
    update();
    EXPECT_EQ(group_->deadline_ns(), kStart + 30'000 * kMs);
    pass(kStart + 30'000 * kMs);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
}

// A flipped bit of the state or the priority would make the dataplane resign, or a peer preempt.
TEST_F(GroupLeaseTest, AClaimThatSomethingElseHasChangedIsWrittenAgain) {
    start_as_active();
    abi::SharedWord& claim = leases_->groups[inputs_.lease].claim;
    for (int bit = 0; bit < 64; ++bit) {
        const abi::Claim before = abi::Claim::unpack(claim.load());
        claim.store(claim.load() ^ std::uint64_t{1} << bit);
        if (abi::Claim::unpack(claim.load()) == before)
            continue;  // an unused bit
        now_ += kMs;
        update();
        EXPECT_EQ(written(), "owner 100 +advert +announcement") << bit;
        EXPECT_EQ(expires(), now_ + kHold);
    }
    EXPECT_EQ(state(), "active");
}

TEST_F(GroupLeaseTest, AnUpdateRenewsTheLeaseAndStoresNoNewClaim) {
    start_as_active();
    for (int i = 0; i < 1000; ++i) {
        now_ += kHold - 1;
        update();
        ASSERT_EQ(expires(), now_ + kHold);
    }
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
}

TEST_F(GroupLeaseTest, YieldsToAHigherPriority) {
    start_as_active();
    const std::int64_t before = expires();
    now_ += 100 * kMs;
    hear(101);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(written(), "backup 100");
    EXPECT_EQ(expires(), before) << "a claim that is given up is not extended";
    EXPECT_EQ(group_->take_advert(), std::nullopt);
    EXPECT_EQ(group_->deadline_ns(), now_ + kActiveDown);
}

TEST_F(GroupLeaseTest, OfEqualPrioritiesYieldsToTheLargerAddressOnly) {
    start_as_active();
    hear(100, kSmaller);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
    hear(100, kLarger);
    EXPECT_EQ(written(), "backup 100");
    EXPECT_EQ(cause(), "larger_address");
}

TEST_F(GroupLeaseTest, AnswersARivalWithAnAdvertAndAnnouncesAgainAfterItsLast) {
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

TEST_F(GroupLeaseTest, ControlSendsTheAdvertsOfABackupThatReadvertises) {
    start_as_active();
    hear(200);
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane sends it";
    (void)written();
    now_ += kInterval;
    hear(200);
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->take_advert(), 100);
    EXPECT_EQ(group_->take_advert(), std::nullopt);
}

TEST_F(GroupLeaseTest, AnswersAResignationWithAnAdvert) {
    start_as_active();
    hear(0);
    EXPECT_EQ(written(), "owner 100 +advert");
}

TEST_F(GroupLeaseTest, AnAdvertToABackupChangesOnlyItsSavedState) {
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

TEST_F(GroupLeaseTest, ALeaseIsValidForTheHoldTimeFromTheTakeoverOn) {
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

TEST_F(GroupLeaseTest, StoppingResignsAndLeavesNothingToAdopt) {
    start_as_active();
    group_->stop(now_);
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(group_->take_advert(), 0)
        << "the dataplane may have tables without the group before it resigns";
    pass(now_ + kHold);
    EXPECT_EQ(written(), "");
    EXPECT_EQ(expires(), 0);
}

TEST_F(GroupLeaseTest, ControlResignsOnceForADataplaneThatStopped) {
    start_as_active();
    inputs_.dataplane_forwards = false;
    update();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(cause(), "dataplane");
    EXPECT_EQ(hindrances(), "the dataplane is not forwarding");
    EXPECT_EQ(group_->status(now_).effective_priority, 0);
    EXPECT_EQ(group_->take_advert(), 0);
    EXPECT_EQ(group_->take_advert(), std::nullopt);
    update();
    EXPECT_EQ(group_->take_advert(), std::nullopt);
    EXPECT_EQ(group_->deadline_ns(), vrrp::kNever);

    now_ += 5000 * kMs;
    inputs_.dataplane_forwards = true;
    update();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(cause(), "dataplane");
    EXPECT_EQ(written(), "") << "the advert of priority 0 may not have been sent yet";
    pass(now_ + kActiveDown);
    EXPECT_EQ(written(), "owner 100 +advert +announcement");
    EXPECT_EQ(expires(), now_ + kHold);
}

TEST_F(GroupLeaseTest, ABackupWhoseDataplaneStopsSendsNothing) {
    start_as_backup();
    inputs_.dataplane_forwards = false;
    update();
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->take_advert(), std::nullopt);
}

TEST_F(GroupLeaseTest, WithoutASourceAddressItResignsUntilItHasOne) {
    start_as_active();
    inputs_.source = {};
    update();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(cause(), "tables");
    EXPECT_EQ(group_->take_advert(), std::nullopt) << "the dataplane sends it";
    EXPECT_EQ(hindrances(), "port uplink has no address to advertise from");
    inputs_.source = kSmaller;
    update();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(group_->status(now_).source, kSmaller);
}

TEST_F(GroupLeaseTest, ANewSourceAddressDecidesTiesAndIdentifiesItsOwnAdverts) {
    start_as_active();
    inputs_.source = *parse_ip("10.0.2.1");
    update();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    hear(100, *parse_ip("10.0.2.1"));
    EXPECT_EQ(written(), "") << "its own advert";
    hear(100, kLarger);
    EXPECT_EQ(written(), "owner 100 +advert +announcement") << "no longer the larger one";
}

// A group without tables cannot write its lease; the claim it left must not be renewed by mistake.
TEST_F(GroupLeaseTest, AStaleClaimOfAnEarlierElectionIsNotRenewed) {
    start_as_active();
    inputs_.lease = abi::kNoGroup;
    update();
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(hindrances(), "its tables are not in force");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->take_advert(), 0) << "the dataplane cannot resign for it";
    group_->set_enabled(false, now_);
    inputs_.lease = kLease;
    const std::int64_t before = expires();
    pass(now_ + kHold);
    EXPECT_EQ(expires(), before);
    EXPECT_EQ(state_for_dataplane(), LeaseState::kResigned);
}

TEST_F(GroupLeaseTest, InANewRegionItIsABackup) {
    start_as_active();
    const auto other = std::make_unique<abi::LeaseArea>();
    inputs_.leases = other.get();
    update();
    EXPECT_EQ(state(), "backup");
    EXPECT_NE(other->groups[kLease].at(static_cast<std::uint64_t>(now_)).state, LeaseState::kOwner);
    pass(now_ + kActiveDown);
    EXPECT_EQ(other->groups[kLease].at(static_cast<std::uint64_t>(now_)).state, LeaseState::kOwner);
    EXPECT_EQ(written(), "") << "in the former region";
    inputs_.leases = leases_.get();
}

TEST_F(GroupLeaseTest, AnActiveGroupIsTheOwnerSinceItBecameSo) {
    start_as_backup();
    EXPECT_FALSE(group_->active_by(kLease));
    pass(group_->deadline_ns());
    const std::int64_t since = now_;
    now_ += 1000 * kMs;
    ASSERT_TRUE(group_->active_by(kLease));
    EXPECT_EQ(group_->active_by(kLease)->since_ns, since);
    EXPECT_EQ(group_->active_by(kLease)->advert_interval_ms, kInterval_ms);
    EXPECT_FALSE(group_->active_by(kLease)->rival_heard_ns);
    EXPECT_FALSE(group_->active_by(kLease + 1));
    hear(50);
    EXPECT_EQ(group_->active_by(kLease)->rival_heard_ns, now_);
    ASSERT_TRUE(group_->hand_over(now_));
    EXPECT_FALSE(group_->active_by(kLease)) << "about to leave";
}

}  // namespace
}  // namespace vipfwd::group
