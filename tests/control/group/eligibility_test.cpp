// SPDX-License-Identifier: Apache-2.0
#include "control/group/eligibility.h"

#include <gtest/gtest.h>

#include <memory>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

using Kind = Hindrance::Kind;

class Eligibility : public testing::Test {
  protected:
    Eligibility() {
        group_.name = "edge";
        group_.port = "uplink";
    }

    std::vector<Kind> kinds() const {
        std::vector<Kind> all;
        for (const Hindrance& one : find_hindrances(group_, inputs_, participation_))
            all.push_back(one.kind);
        return all;
    }
    // The only hindrance, in words.
    std::string text() const {
        const auto all = find_hindrances(group_, inputs_, participation_);
        EXPECT_EQ(all.size(), 1u);
        return all.empty() ? "" : to_string(all.front());
    }
    bool eligible() const { return is_eligible(find_hindrances(group_, inputs_, participation_)); }
    static TrackState track(std::int32_t weight, Verdict verdict) {
        return {.what = "process haproxy",
                .failure = verdict == Verdict::kBad ? "exit status 1" : "",
                .weight = weight,
                .verdict = verdict};
    }

    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    config::Group group_;
    GroupInputs inputs_{.leases = leases_.get(),
                        .lease = 7,
                        .source = *parse_ip("10.0.0.1"),
                        .dataplane_forwards = true,
                        .link = Verdict::kGood};
    Participation participation_;
};

TEST_F(Eligibility, AGroupThatLacksNothingHasNoHindrance) {
    EXPECT_TRUE(kinds().empty());
    EXPECT_TRUE(eligible());
}

TEST_F(Eligibility, EachHindranceThatEndsOwnershipIsFoundAndNamed) {
    participation_.operator_override.enabled = false;
    EXPECT_EQ(text(), "disabled by the operator");
    participation_ = {};
    participation_.dataplane_is_stopping = true;
    EXPECT_EQ(text(), "the dataplane is stopping");
    participation_ = {};
    const GroupInputs good = inputs_;
    inputs_.dataplane_forwards = false;
    EXPECT_EQ(text(), "the dataplane is not forwarding");
    inputs_ = good;
    inputs_.link = Verdict::kBad;
    EXPECT_EQ(text(), "the link of port uplink is down");
    inputs_ = good;
    inputs_.tracks = {track(0, Verdict::kBad)};
    EXPECT_EQ(text(), "process haproxy fails: exit status 1");
    inputs_ = good;
    inputs_.lease = abi::kNoGroup;
    EXPECT_EQ(text(), "its tables are not in force");
    inputs_ = good;
    inputs_.leases = nullptr;
    EXPECT_EQ(text(), "its tables are not in force");
    inputs_ = good;
    inputs_.source = {};
    EXPECT_EQ(text(), "port uplink has no address to advertise from");
    inputs_ = good;
    group_.sync_set = "all";
    inputs_.sync_set_blocker = "core";
    EXPECT_EQ(text(), "group 'core' of sync_set 'all' is ineligible");
    EXPECT_FALSE(eligible());
}

TEST_F(Eligibility, UnknownVerdictsDelayOnlyTheStart) {
    inputs_.link = Verdict::kUnknown;
    EXPECT_EQ(text(), "the link of port uplink is not known yet");
    EXPECT_TRUE(eligible()) << "an owner would not have to resign";
    inputs_.link = Verdict::kGood;
    inputs_.tracks = {track(-10, Verdict::kUnknown)};
    EXPECT_EQ(text(), "process haproxy has no result yet");
    EXPECT_TRUE(eligible());
    participation_.has_started = true;
    EXPECT_TRUE(kinds().empty());
}

TEST_F(Eligibility, UnresolvedNextHopsDelayOnlyAStartWithoutAValidLease) {
    inputs_.next_hops_resolved = false;
    EXPECT_EQ(text(), "next hops of backends are not resolved yet");
    EXPECT_TRUE(eligible());
    participation_.lease_is_valid = true;
    EXPECT_TRUE(kinds().empty());
    participation_ = {};
    participation_.has_started = true;
    EXPECT_TRUE(kinds().empty());
}

TEST_F(Eligibility, AWeightedTrackLowersThePriorityInstead) {
    inputs_.tracks = {track(-30, Verdict::kBad), track(30, Verdict::kBad)};
    EXPECT_TRUE(kinds().empty());
}

TEST_F(Eligibility, SeveralHindrancesAreListedTogether) {
    participation_.operator_override.enabled = false;
    inputs_.link = Verdict::kBad;
    inputs_.sync_set_blocker = "core";
    EXPECT_EQ(kinds(), (std::vector{Kind::kDisabled, Kind::kLinkDown, Kind::kSyncSet}));
}

TEST_F(Eligibility, AClosedPortIsToldInsteadOfItsLink) {
    inputs_.link = Verdict::kBad;
    inputs_.port_closed = "port uplink is closed: there is no interface eth1";
    EXPECT_EQ(kinds(), std::vector{Kind::kPortClosed});
    EXPECT_EQ(text(), inputs_.port_closed);
    EXPECT_FALSE(eligible());
}

TEST_F(Eligibility, AllVerdictsAreKnownOnceLinkAndTracksAre) {
    EXPECT_TRUE(all_verdicts_known(inputs_));
    inputs_.tracks = {track(0, Verdict::kGood), track(0, Verdict::kUnknown)};
    EXPECT_FALSE(all_verdicts_known(inputs_));
    inputs_.tracks.pop_back();
    inputs_.link = Verdict::kUnknown;
    EXPECT_FALSE(all_verdicts_known(inputs_));
}

}  // namespace
}  // namespace vipfwd::group
