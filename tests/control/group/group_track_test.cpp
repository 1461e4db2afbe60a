// SPDX-License-Identifier: Apache-2.0
// The influence of tracks and of the port's link on eligibility and priority.
#include <functional>
#include <vector>

#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

class GroupTrackTest : public GroupTest {
  protected:
    void track(std::int32_t weight, Verdict verdict) {
        inputs_.tracks.push_back({.what = "process haproxy",
                                  .failure = verdict == Verdict::kBad ? "exit status 1" : "",
                                  .weight = weight,
                                  .verdict = verdict});
    }
    void judge(std::size_t track, Verdict verdict) { inputs_.tracks[track].verdict = verdict; }
    int priority() const { return group_->status(now_).effective_priority; }
};

TEST_F(GroupTrackTest, WithoutALinkItResignsAndStaysDown) {
    start_as_active();
    inputs_.link = Verdict::kBad;
    update();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(cause(), "tracking");
    EXPECT_EQ(hindrances(), "the link of port uplink is down");
    pass(now_ + 10 * kActiveDown);
    EXPECT_EQ(written(), "");
}

TEST_F(GroupTrackTest, WhenTheLinkReturnsItIsABackupFirst) {
    start_as_active();
    inputs_.link = Verdict::kBad;
    update();
    inputs_.link = Verdict::kGood;
    update();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(cause(), "tracking");
    EXPECT_EQ(hindrances(), "");
}

TEST_F(GroupTrackTest, ATrackWithoutWeightDecidesOnEligibility) {
    track(0, Verdict::kGood);
    start_as_active();
    inputs_.tracks[0].failure = "exit status 1";
    judge(0, Verdict::kBad);
    update();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(hindrances(), "process haproxy fails: exit status 1");
    judge(0, Verdict::kGood);
    update();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupTrackTest, WeightsAddUp) {
    track(-30, Verdict::kBad);
    track(-5, Verdict::kGood);
    track(50, Verdict::kGood);
    track(7, Verdict::kBad);
    start_as_active();
    EXPECT_EQ(priority(), 100 - 30 + 50);
    judge(1, Verdict::kBad);
    update();
    EXPECT_EQ(written(), "owner 115 +advert") << "peers are told at once";
    group_->set_priority(200, now_);
    EXPECT_EQ(priority(), 200 - 30 - 5 + 50) << "added to the operator's priority";
    const auto tracks = group_->status(now_).tracks;
    ASSERT_EQ(tracks.size(), 4u);
    EXPECT_EQ(tracks[0].what, "process haproxy");
    EXPECT_EQ(tracks[0].verdict, Verdict::kBad);
    EXPECT_EQ(tracks[0].failure, "exit status 1");
    EXPECT_EQ(tracks[0].weight, -30);
    EXPECT_EQ(tracks[0].contribution(), -30);
    EXPECT_EQ(tracks[1].contribution(), -5);
    EXPECT_EQ(tracks[3].contribution(), 0);
}

TEST_F(GroupTrackTest, SumsAreKeptAwayFromReservedPriorities) {
    track(-253, Verdict::kBad);
    start_as_backup();
    EXPECT_EQ(priority(), 1) << "not a resignation";
    inputs_.tracks.clear();
    track(253, Verdict::kGood);
    update();
    EXPECT_EQ(priority(), 254) << "not that of an owner of the addresses";
}

TEST_F(GroupTrackTest, ABlockerOfItsSetMakesItIneligible) {
    config_.sync_set = "all";
    configure();
    start_as_active();
    inputs_.sync_set_blocker = "other";
    update();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(cause(), "tracking");
    EXPECT_EQ(hindrances(), "group 'other' of sync_set 'all' is ineligible");
    inputs_.sync_set_blocker.clear();
    update();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupTrackTest, IsIneligibleWithoutWhatItNeeds) {
    EXPECT_TRUE(is_eligible(group_->hindrances_with(inputs_, now_)));
    for (const auto& lack : std::vector<std::function<void(GroupInputs&)>>{
             [](GroupInputs& s) { s.lease = abi::kNoGroup; }, [](GroupInputs& s) { s.source = {}; },
             [](GroupInputs& s) { s.dataplane_forwards = false; },
             [](GroupInputs& s) { s.link = Verdict::kBad; }}) {
        GroupInputs lacking = inputs_;
        lack(lacking);
        EXPECT_FALSE(is_eligible(group_->hindrances_with(lacking, now_)));
    }
    update();
    group_->set_enabled(false, now_);
    EXPECT_FALSE(is_eligible(group_->hindrances_with(inputs_, now_)));
    group_ = std::make_unique<Group>(config_, ignore_event);
    EXPECT_FALSE(is_eligible(group_->hindrances_with(inputs_, now_)))
        << "a new control finds the override in the lease";
}

TEST_F(GroupTrackTest, ANewGroupWaitsUntilAllVerdictsAreKnown) {
    track(-30, Verdict::kUnknown);
    update();
    pass(now_ + 10 * kActiveDown);
    EXPECT_EQ(state(), "down");
    judge(0, Verdict::kGood);
    inputs_.link = Verdict::kUnknown;
    update();
    EXPECT_EQ(state(), "down");
    inputs_.link = Verdict::kGood;
    update();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupTrackTest, ANewGroupWaitsForNextHopsAndAnAdoptedOneDoesNot) {
    inputs_.next_hops_resolved = false;
    update();
    pass(now_ + 10 * kActiveDown);
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(hindrances(), "next hops of backends are not resolved yet");
    inputs_.next_hops_resolved = true;
    update();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(hindrances(), "");
    inputs_.next_hops_resolved = false;
    restart_control();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupTrackTest, AnAdoptedGroupKeepsItsPriorityWhileVerdictsAreUnknown) {
    track(50, Verdict::kGood);
    track(-30, Verdict::kBad);
    start_as_active();
    EXPECT_EQ(priority(), 120);
    judge(0, Verdict::kUnknown);
    judge(1, Verdict::kUnknown);
    restart_control();
    EXPECT_EQ(priority(), 120);
    judge(0, Verdict::kGood);
    update();
    EXPECT_EQ(priority(), 120);
    judge(1, Verdict::kBad);
    update();
    EXPECT_EQ(priority(), 120);
    EXPECT_EQ(written(), "") << "nothing was written";
    judge(1, Verdict::kGood);
    update();
    EXPECT_EQ(written(), "owner 150 +advert");
}

TEST_F(GroupTrackTest, AnAdoptedGroupKeepsItsVipsWhileVerdictsAreUnknown) {
    start_as_active();
    track(0, Verdict::kUnknown);
    inputs_.link = Verdict::kUnknown;
    restart_control();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    judge(0, Verdict::kBad);
    update();
    EXPECT_EQ(state(), "down");
}

}  // namespace
}  // namespace vipfwd::group
