// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "control/vrrp/election.h"
#include "tests/control/vrrp/sample.h"

namespace vipfwd::vrrp {
namespace {

using namespace sample;

Election handing_over() {
    Election election = active();
    (void)election.hand_over(kStart);
    return election;
}

// A backup that has handed over to one of priority 50.
Election handed_over() {
    Election election = handing_over();
    (void)hear(election, 50, kStart + kMs);
    return election;
}

TEST(AHandover, ResignsOnceAndStillOwns) {
    Election election = active();
    EXPECT_EQ(words(election.hand_over(kStart)), "resign: handover");
    EXPECT_EQ(election.state(), State::kHandingOver);
    EXPECT_TRUE(owns(election.state()));
    EXPECT_EQ(election.deadline_ns(), kStart + 4 * kInterval);
    EXPECT_EQ(words(election.hand_over(kStart + kMs)), "");
}

TEST(AHandover, EndsWithTheFirstAdvertOfAnyPriority) {
    for (const std::uint8_t priority : Priorities{1, 100, 255}) {
        Election election = handing_over();
        EXPECT_EQ(words(hear(election, priority, kStart + kMs)), "left_active: handover");
        EXPECT_EQ(election.state(), State::kBackup);
        EXPECT_EQ(election.deadline_ns(), kStart + kMs + kActiveDown);
        EXPECT_FALSE(election.election_state().may_preempt);
    }
}

TEST(AHandover, DoesNotEndWithAnotherResignationOrAnAdvertFromBefore) {
    Election election = handing_over();
    EXPECT_EQ(words(hear(election, 0, kStart + kMs)), "");
    EXPECT_EQ(words(election.on_advert(advert(50), kLarger, kStart - 1, kStart + kMs)), "");
    EXPECT_EQ(election.state(), State::kHandingOver);
}

TEST(AHandover, WithoutASuccessorRestoresTheActiveState) {
    Election election = handing_over();
    EXPECT_EQ(words(election.on_deadline(kStart + 4 * kInterval - 1)), "");
    EXPECT_EQ(words(election.on_deadline(kStart + 4 * kInterval)), "advertise: no_successor");
    EXPECT_EQ(election.state(), State::kActive);
    EXPECT_EQ(election.cause(), Cause::kNoSuccessor);
    EXPECT_EQ(election.deadline_ns(), kNever);
    EXPECT_TRUE(election.election_state().may_preempt);
}

TEST(AHandover, LeavesABackupThatDoesNotPreempt) {
    Election election = handed_over();
    for (std::int64_t now = kStart + kMs; now < kStart + 20 * kInterval; now += kInterval) {
        (void)hear(election, 50, now);
        EXPECT_EQ(words(election.on_deadline(now)), "");
        EXPECT_EQ(election.deadline_ns(), now + kActiveDown);
    }
}

TEST(AHandover, IsForgottenOnceActiveAgain) {
    Election silent = handed_over();
    EXPECT_EQ(words(silent.on_deadline(silent.deadline_ns())),
              "advertise announce became_active: silence");
    EXPECT_TRUE(silent.election_state().may_preempt);

    Election returned = handed_over();
    (void)hear(returned, 0, kStart + 2 * kMs);
    EXPECT_EQ(words(returned.on_deadline(kStart + 2 * kMs + kSkew)),
              "advertise announce became_active: priority_zero");
    EXPECT_TRUE(returned.election_state().may_preempt);
}

TEST(AHandover, IsForgottenOnCommand) {
    Election election = handed_over();
    election.allow_preempt();
    (void)hear(election, 50, kStart + kInterval);
    EXPECT_EQ(election.deadline_ns(), kStart + kMs + kActiveDown);
    EXPECT_EQ(words(election.on_deadline(election.deadline_ns())),
              "advertise announce became_active: lower_priority");
}

TEST(AHandover, IsRememberedWhileIneligible) {
    Election election = handed_over();
    (void)election.set_priority(0, kStart + 2 * kMs, Cause::kDataplane);
    (void)election.set_priority(100, kStart + 3 * kMs, Cause::kDataplane);
    EXPECT_EQ(election.state(), State::kBackup);
    EXPECT_FALSE(election.election_state().may_preempt);
}

TEST(AHandover, IsCutShortByAStopOrALossOfEligibility) {
    Election stopped = handing_over();
    EXPECT_EQ(words(stopped.stop(kStart)), "resign left_active: stopped");
    Election lost = handing_over();
    EXPECT_EQ(words(lost.set_priority(0, kStart, Cause::kDataplane)),
              "resign left_active: dataplane");
    EXPECT_EQ(lost.state(), State::kDown);
}

TEST(AHandover, ContinuesIfThePriorityChanges) {
    Election election = handing_over();
    EXPECT_EQ(words(election.set_priority(50, kStart, Cause::kTracking)), "");
    EXPECT_EQ(election.state(), State::kHandingOver);
}

TEST(AHandover, DoesNothingUnlessActive) {
    Election waiting = backup();
    EXPECT_EQ(words(waiting.hand_over(kStart)), "");
    EXPECT_EQ(waiting.state(), State::kBackup);
    Election down(settings());
    EXPECT_EQ(words(down.hand_over(kStart)), "");
    EXPECT_EQ(down.state(), State::kDown);
}

}  // namespace
}  // namespace vipfwd::vrrp
