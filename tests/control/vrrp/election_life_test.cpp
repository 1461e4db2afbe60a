// SPDX-License-Identifier: Apache-2.0
// Start, adoption, eligibility, stop.
#include <gtest/gtest.h>

#include <set>

#include "control/vrrp/election.h"
#include "tests/control/vrrp/sample.h"

namespace vipfwd::vrrp {
namespace {

using namespace sample;

ElectionSettings owner() {
    ElectionSettings owner = settings();
    owner.priority = kOwnerPriority;
    return owner;
}

TEST(AnElection, IsDownUntilItStarts) {
    Election election(settings());
    EXPECT_EQ(election.state(), State::kDown);
    EXPECT_EQ(election.deadline_ns(), kNever);
    EXPECT_EQ(words(hear(election, 200, kStart)), "");
    EXPECT_EQ(words(election.on_deadline(kStart)), "");
    EXPECT_EQ(words(election.set_priority(50, kStart, Cause::kOperator)), "");
    EXPECT_EQ(words(election.stop(kStart)), "");
    EXPECT_EQ(election.state(), State::kDown);
}

TEST(AnElection, StartsAsABackup) {
    Election election(settings());
    EXPECT_EQ(words(election.start(kStart)), ": startup");
    EXPECT_EQ(election.state(), State::kBackup);
    EXPECT_EQ(words(election.start(kStart + kMs)), "");
    EXPECT_EQ(election.since_ns(), kStart);
}

TEST(AnElection, OfTheAddressOwnerStartsActive) {
    Election election(owner());
    EXPECT_EQ(words(election.start(kStart)), "advertise announce became_active: startup");
    EXPECT_EQ(election.state(), State::kActive);
}

TEST(AnElection, IsNotActiveDuringItsStartupDelay) {
    ElectionSettings with = settings();
    with.startup_delay_ms = 30'000;
    const std::int64_t over = kStart + 30'000 * kMs;
    Election quiet = backup(with);
    EXPECT_EQ(quiet.deadline_ns(), over);
    Election left = backup(with);
    (void)hear(left, 0, kStart + kMs);
    EXPECT_EQ(left.deadline_ns(), over);
    Election late = backup(with);
    (void)hear(late, 200, over - kMs);
    EXPECT_EQ(late.deadline_ns(), over - kMs + kActiveDown);

    ElectionSettings owner_with = owner();
    owner_with.startup_delay_ms = 30'000;
    Election waiting = backup(owner_with);
    EXPECT_EQ(waiting.deadline_ns(), over);
    EXPECT_EQ(words(waiting.on_deadline(over)), "advertise announce became_active: silence");
}

TEST(AnElection, WithoutEligibilityWaitsForIt) {
    ElectionSettings with = settings();
    with.priority = 0;
    Election election(with);
    EXPECT_EQ(words(election.start(kStart)), ": startup");
    EXPECT_EQ(election.state(), State::kDown);
    EXPECT_EQ(words(election.set_priority(100, kStart + kMs, Cause::kTables)), ": tables");
    EXPECT_EQ(election.state(), State::kBackup);
    EXPECT_EQ(election.deadline_ns(), kStart + kMs + kActiveDown);
}

TEST(AnElection, LosesAndRegainsEligibilityAsABackup) {
    Election election = backup();
    EXPECT_EQ(words(election.set_priority(0, kStart, Cause::kOperator)), ": operator");
    EXPECT_EQ(election.state(), State::kDown);
    EXPECT_EQ(election.deadline_ns(), kNever);
    EXPECT_EQ(words(election.on_deadline(kStart + 100 * kInterval)), "");
    EXPECT_EQ(words(election.set_priority(255, kStart, Cause::kOperator)),
              "advertise announce became_active: operator");
}

TEST(AnElection, LearnsTheIntervalWhileItIsDown) {
    Election election = backup();
    (void)election.set_priority(0, kStart, Cause::kDataplane);
    (void)hear(election, 200, kStart, kLarger, 2560);
    (void)hear(election, 0, kStart, kLarger, 1280);
    (void)election.set_priority(100, kStart + kMs, Cause::kDataplane);
    EXPECT_EQ(election.deadline_ns(), kStart + kMs + 2 * kActiveDown);
}

TEST(AnElection, OfABackupTakesANewPriorityWithTheNextAdvert) {
    Election election = backup();
    EXPECT_EQ(words(election.set_priority(228, kStart, Cause::kTracking)), "");
    EXPECT_EQ(election.deadline_ns(), kStart + kActiveDown);
    (void)hear(election, 228, kStart + kMs);
    EXPECT_EQ(election.deadline_ns(), kStart + kMs + 3 * kInterval + 140 * kMs);
}

TEST(AnElection, AdoptsAnActiveStateWithoutSending) {
    Election election(settings());
    EXPECT_EQ(words(election.adopt({.state = State::kActive}, kStart)), ": adopted");
    EXPECT_EQ(election.state(), State::kActive);
    EXPECT_EQ(election.cause(), Cause::kAdopted);
    EXPECT_EQ(election.deadline_ns(), kNever);
    EXPECT_EQ(words(hear(election, 200, kStart + kMs)), "advertise left_active: higher_priority");
}

TEST(AnElection, AdoptsABackupAsIfAnAdvertHadJustArrived) {
    ElectionSettings with = settings();
    with.startup_delay_ms = 60'000;
    Election election(with);
    const ElectionState standing{
        .state = State::kBackup, .may_preempt = false, .interval_ms = 2560};
    EXPECT_EQ(words(election.adopt(standing, kStart)), ": adopted");
    EXPECT_EQ(election.election_state(), standing);
    EXPECT_EQ(election.deadline_ns(), kStart + 2 * kActiveDown);
    (void)hear(election, 50, kStart + kMs);
    EXPECT_EQ(election.deadline_ns(), kStart + kMs + kActiveDown);
}

TEST(AnElection, AdoptsAHandoverAndRestartsItsTimeout) {
    Election election(settings());
    EXPECT_EQ(words(election.adopt({.state = State::kHandingOver}, kStart)), ": adopted");
    EXPECT_EQ(election.state(), State::kHandingOver);
    EXPECT_EQ(election.deadline_ns(), kStart + 4 * kInterval);
    EXPECT_EQ(words(hear(election, 50, kStart + kMs)), "left_active: handover");
}

TEST(AnElection, StartsIfThereIsNothingToAdopt) {
    Election election(settings());
    EXPECT_EQ(words(election.adopt({}, kStart)), ": startup");
    EXPECT_EQ(election.state(), State::kBackup);
}

TEST(AnElection, ResignsIfItAdoptsAnOwnerWhileIneligible) {
    ElectionSettings with = settings();
    with.priority = 0;
    Election was_active(with);
    EXPECT_EQ(words(was_active.adopt({.state = State::kActive}, kStart)),
              "resign left_active: adopted");
    EXPECT_EQ(was_active.state(), State::kDown);
    Election was_backup(with);
    EXPECT_EQ(words(was_backup.adopt({.state = State::kBackup}, kStart)), ": adopted");
    EXPECT_EQ(was_backup.state(), State::kDown);
}

TEST(AnElection, ContinuesFromItsOwnSavedState) {
    for (const Election& before : {backup(), active()}) {
        Election after(settings());
        (void)after.adopt(before.election_state(), kStart);
        EXPECT_EQ(after.election_state(), before.election_state());
    }
}

TEST(AnElection, StaysDownOnceStoppedUntilItStartsAgain) {
    Election election = backup();
    EXPECT_EQ(words(election.stop(kStart)), ": stopped");
    EXPECT_EQ(words(election.set_priority(200, kStart, Cause::kOperator)), "");
    EXPECT_EQ(words(election.on_deadline(kStart + 100 * kInterval)), "");
    EXPECT_EQ(election.state(), State::kDown);
    EXPECT_EQ(words(election.start(kStart)), ": startup");
    EXPECT_EQ(election.priority(), 200);
}

TEST(AnElection, ForgetsTheLearntIntervalWhenItStartsAgain) {
    Election election = active();
    (void)election.hand_over(kStart);
    (void)hear(election, 50, kStart, kLarger, 2560);
    EXPECT_EQ(election.election_state().interval_ms, 2560u);
    EXPECT_FALSE(election.election_state().may_preempt);
    (void)election.stop(kStart);
    (void)election.start(kStart);
    EXPECT_EQ(election.election_state(), backup().election_state());
}

TEST(TheWordsOfAnElection, AreAllDifferent) {
    std::set<std::string_view> words;
    for (const auto& state : kStateNames)
        words.insert(state.word);
    for (const auto& cause : kCauseNames)
        words.insert(cause.word);
    EXPECT_EQ(words.size(), kStateNames.size() + kCauseNames.size());
    EXPECT_EQ(name(State::kHandingOver), "handing_over");
    EXPECT_EQ(name(Cause::kOperator), "operator");
    EXPECT_EQ(name(Cause::kNoSuccessor), "no_successor");
}

}  // namespace
}  // namespace vipfwd::vrrp
