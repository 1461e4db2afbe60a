// SPDX-License-Identifier: Apache-2.0
#include "control/group/lease_writer.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/control/vrrp/sample.h"

namespace vipfwd::group {
namespace {

using abi::Claim;
using abi::LeaseState;
using vrrp::Decision;
using vrrp::State;
using vrrp::sample::kMs;
using vrrp::sample::kStart;

constexpr std::uint16_t kLease = 7;
constexpr std::int64_t kExpires = kStart + 10'000 * kMs;

class LeaseWriterTest : public testing::Test {
  protected:
    // An election that is active since kStart.
    vrrp::Election active() const {
        vrrp::Election election(vrrp::sample::settings());
        election.adopt({.state = State::kActive}, kStart);
        return election;
    }
    vrrp::Election backup() const {
        vrrp::Election election(vrrp::sample::settings());
        election.start(kStart);
        return election;
    }
    std::uint64_t changes() const { return leases_->changes.load(); }
    std::int64_t expires() const {
        return static_cast<std::int64_t>(leases_->groups[kLease].expires_ns.load());
    }

    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    LeaseWriter lease_{leases_.get(), kLease};
};

TEST_F(LeaseWriterTest, ThereIsALeaseOnlyWithARegionAndAnIndex) {
    EXPECT_TRUE(lease_);
    EXPECT_FALSE(LeaseWriter(nullptr, kLease));
    EXPECT_FALSE(LeaseWriter(leases_.get(), abi::kNoGroup));
}

TEST_F(LeaseWriterTest, AnOwnerIsValidFromTheClaimOn) {
    lease_.write(active(), {.advertise = true, .announce = true}, kExpires);
    EXPECT_EQ(lease_.claim(),
              (Claim{.epoch = 1, .announcement = 1, .state = LeaseState::kOwner, .priority = 100}));
    EXPECT_EQ(expires(), kExpires);
    EXPECT_TRUE(lease_.owns(kStart));
    EXPECT_TRUE(lease_.is_valid(kExpires - 1));
    EXPECT_FALSE(lease_.owns(kExpires));
    EXPECT_EQ(changes(), 1u);
}

TEST_F(LeaseWriterTest, TheSameClaimIsNotStoredAgain) {
    const vrrp::Election election = active();
    lease_.write(election, {.advertise = true}, kExpires);
    lease_.write(election, {}, kExpires + 1);
    EXPECT_EQ(changes(), 1u);
    EXPECT_EQ(expires(), kExpires) << "renew() extends it";
    lease_.write(election, {.advertise = true}, kExpires + 1);
    EXPECT_EQ(changes(), 2u) << "an advert out of turn";
}

TEST_F(LeaseWriterTest, AResignationIsKeptUntilTheGroupOwnsAgain) {
    vrrp::Election election = active();
    lease_.write(election, {.advertise = true}, kExpires);
    const Decision resigned = election.set_priority(0, kStart, vrrp::Cause::kOperator);
    lease_.write(election, resigned, kExpires);
    EXPECT_EQ(lease_.claim().state, LeaseState::kResigned);
    lease_.write(backup(), {}, kExpires);
    EXPECT_EQ(lease_.claim().state, LeaseState::kResigned)
        << "the dataplane may not have sent the advert of priority 0 yet";
    lease_.write(active(), {}, kExpires);
    EXPECT_EQ(lease_.claim().state, LeaseState::kOwner);
}

TEST_F(LeaseWriterTest, AClaimThatIsGivenUpIsNotExtended) {
    vrrp::Election election = active();
    lease_.write(election, {}, kExpires);
    lease_.write(election, election.hand_over(kStart), kExpires + 1);
    EXPECT_EQ(expires(), kExpires + 1) << "it still owns the VIPs";
    lease_.write(election, election.stop(kStart), kExpires + 2);
    EXPECT_EQ(expires(), kExpires + 1);
}

TEST_F(LeaseWriterTest, RenewingExtendsOnlyALeaseThatAgreesWithTheElection) {
    lease_.renew(backup(), kExpires);
    EXPECT_EQ(expires(), kExpires) << "a later control adopts the state of a backup, too";
    lease_.renew(active(), kExpires + 1);
    EXPECT_EQ(expires(), kExpires) << "not written yet";
    lease_.write(active(), {}, kExpires + 1);
    lease_.renew(backup(), kExpires + 2);
    EXPECT_EQ(expires(), kExpires + 1) << "the claim of an earlier election";
    lease_.renew(vrrp::Election(vrrp::sample::settings()), kExpires + 3);
    EXPECT_EQ(expires(), kExpires + 1) << "a group that is down";
}

TEST_F(LeaseWriterTest, TheElectionStateCanBeAdopted) {
    vrrp::Election election = backup();
    election.on_advert(vrrp::sample::advert(200, 2000), vrrp::sample::kLarger, kStart, kStart);
    lease_.write(election, {}, kExpires);
    EXPECT_EQ(
        lease_.election_state(kStart),
        (vrrp::ElectionState{.state = State::kBackup, .may_preempt = true, .interval_ms = 2000}));
    lease_.write(active(), {}, kExpires);
    EXPECT_EQ(lease_.election_state(kExpires - 1).state, State::kActive);
    EXPECT_EQ(lease_.election_state(kExpires).state, State::kBackup)
        << "the dataplane has resigned by then";
}

TEST_F(LeaseWriterTest, TheOperatorOverrideIsStored) {
    EXPECT_EQ(lease_.operator_override(), OperatorOverride{}) << "a zeroed region";
    for (const OperatorOverride& chosen : {OperatorOverride{false, {}}, OperatorOverride{true, 254},
                                           OperatorOverride{false, 1}, OperatorOverride{}}) {
        lease_.store(chosen);
        EXPECT_EQ(lease_.operator_override(), chosen);
    }
}

TEST_F(LeaseWriterTest, AnInvalidatedLeaseLeavesNothingToAdopt) {
    lease_.write(active(), {}, kExpires);
    lease_.store(OperatorOverride{false, {}});
    lease_.invalidate();
    EXPECT_FALSE(lease_.is_valid(kStart));
    EXPECT_EQ(lease_.operator_override(), OperatorOverride{});
}

}  // namespace
}  // namespace vipfwd::group
