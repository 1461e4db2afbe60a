// SPDX-License-Identifier: Apache-2.0
// What a group tracks, and the link of its port: whether it takes part, and with what priority.
#include <functional>
#include <vector>

#include "tests/control/gateway/scene.h"

namespace vipfwd::gateway {
namespace {

class GroupTrackTest : public GroupTest {
  protected:
    void track(std::int32_t weight, Verdict verdict) {
        situation_.tracks.push_back({.what = "process haproxy",
                                     .failure = verdict == Verdict::kBad ? "exit status 1" : "",
                                     .weight = weight,
                                     .verdict = verdict});
    }
    void judge(std::size_t track, Verdict verdict) { situation_.tracks[track].verdict = verdict; }
    int priority() const { return group_->describe(now_).priority; }
};

TEST_F(GroupTrackTest, WithoutALinkItResignsAndTakesNoPart) {
    start_as_active();
    situation_.link = Verdict::kBad;
    follow();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(cause(), "tracking");
    EXPECT_EQ(hindrances(), "the link of its port is down");
    pass(now_ + 10 * kActiveDown);
    EXPECT_EQ(written(), "");
}

TEST_F(GroupTrackTest, WhenTheLinkIsBackItIsABackupFirst) {
    start_as_active();
    situation_.link = Verdict::kBad;
    follow();
    situation_.link = Verdict::kGood;
    follow();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(cause(), "tracking");
    EXPECT_EQ(hindrances(), "");
}

TEST_F(GroupTrackTest, ATrackWithoutWeightDecidesWhetherItTakesPart) {
    track(0, Verdict::kGood);
    start_as_active();
    situation_.tracks[0].failure = "exit status 1";
    judge(0, Verdict::kBad);
    follow();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(hindrances(), "process haproxy fails: exit status 1");
    judge(0, Verdict::kGood);
    follow();
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
    follow();
    EXPECT_EQ(written(), "owner 115 +advert") << "the others are told at once";
    group_->set_priority(200, now_);
    EXPECT_EQ(priority(), 200 - 30 - 5 + 50) << "on top of the operator's";
    const auto tracks = group_->describe(now_).tracks;
    ASSERT_EQ(tracks.size(), 4u);
    EXPECT_EQ(tracks[0].what, "process haproxy");
    EXPECT_EQ(tracks[0].state, "bad");
    EXPECT_EQ(tracks[0].failure, "exit status 1");
    EXPECT_EQ(tracks[0].weight, -30);
    EXPECT_EQ(tracks[0].contribution, -30);
    EXPECT_EQ(tracks[1].contribution, -5);
    EXPECT_EQ(tracks[3].contribution, 0);
}

TEST_F(GroupTrackTest, NoSumMeansSomethingElse) {
    track(-253, Verdict::kBad);
    start_as_backup();
    EXPECT_EQ(priority(), 1) << "not a resignation";
    situation_.tracks.clear();
    track(253, Verdict::kGood);
    follow();
    EXPECT_EQ(priority(), 254) << "not that of an owner of the addresses";
}

TEST_F(GroupTrackTest, WhatHindersAnotherOfItsSetHindersIt) {
    config_.sync_set = "all";
    configure();
    start_as_active();
    situation_.set_hindrance = "other";
    EXPECT_FALSE(group_->is_hindered(situation_)) << "by itself";
    follow();
    EXPECT_EQ(written(), "resigned 100");
    EXPECT_EQ(cause(), "tracking");
    EXPECT_EQ(hindrances(), "of sync_set 'all', group 'other' takes no part");
    situation_.set_hindrance.clear();
    follow();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupTrackTest, IsHinderedByWhatItLacks) {
    EXPECT_FALSE(group_->is_hindered(situation_));
    for (const auto& lack : std::vector<std::function<void(Situation&)>>{
             [](Situation& s) { s.lease = abi::kNoGroup; }, [](Situation& s) { s.source = {}; },
             [](Situation& s) { s.dataplane_works = false; },
             [](Situation& s) { s.link = Verdict::kBad; }}) {
        Situation lacking = situation_;
        lack(lacking);
        EXPECT_TRUE(group_->is_hindered(lacking));
    }
    follow();
    group_->set_enabled(false, now_);
    EXPECT_TRUE(group_->is_hindered(situation_));
    group_ = std::make_unique<Group>(config_);
    EXPECT_TRUE(group_->is_hindered(situation_)) << "the next control finds the order in the lease";
}

TEST_F(GroupTrackTest, AFreshGroupWaitsUntilAllIsKnown) {
    track(-30, Verdict::kUnknown);
    follow();
    pass(now_ + 10 * kActiveDown);
    EXPECT_EQ(state(), "down");
    judge(0, Verdict::kGood);
    situation_.link = Verdict::kUnknown;
    follow();
    EXPECT_EQ(state(), "down");
    situation_.link = Verdict::kGood;
    follow();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupTrackTest, AFreshGroupWaitsForNextHopsAndAnAdoptedOneDoesNot) {
    situation_.next_hops_known = false;
    follow();
    pass(now_ + 10 * kActiveDown);
    EXPECT_EQ(state(), "down");
    EXPECT_EQ(hindrances(), "next hops are not known yet");
    situation_.next_hops_known = true;
    follow();
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(hindrances(), "");
    situation_.next_hops_known = false;
    restart_control();
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupTrackTest, AnAdoptedGroupKeepsItsPriorityWhileNothingIsKnown) {
    track(50, Verdict::kGood);
    track(-30, Verdict::kBad);
    start_as_active();
    EXPECT_EQ(priority(), 120);
    judge(0, Verdict::kUnknown);
    judge(1, Verdict::kUnknown);
    restart_control();
    EXPECT_EQ(priority(), 120);
    judge(0, Verdict::kGood);
    follow();
    EXPECT_EQ(priority(), 120);
    judge(1, Verdict::kBad);
    follow();
    EXPECT_EQ(priority(), 120);
    EXPECT_EQ(written(), "") << "nothing was to be seen of it";
    judge(1, Verdict::kGood);
    follow();
    EXPECT_EQ(written(), "owner 150 +advert");
}

TEST_F(GroupTrackTest, AnAdoptedGroupGoesOnWhileNothingIsKnown) {
    start_as_active();
    track(0, Verdict::kUnknown);
    situation_.link = Verdict::kUnknown;
    restart_control();
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    judge(0, Verdict::kBad);
    follow();
    EXPECT_EQ(state(), "down");
}

}  // namespace
}  // namespace vipfwd::gateway
