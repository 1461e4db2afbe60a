// SPDX-License-Identifier: Apache-2.0
#include "control/group/rival_claims.h"

#include <gtest/gtest.h>

#include <array>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

// Group "edge" of id 51 has kVip, group "inner" of id 52 has kOther.
class RivalClaimsTest : public testing::Test {
  protected:
    static constexpr std::int64_t kMs = kNanosecondsPerMs;
    static constexpr std::int64_t kNow = 1'000'000 * kMs;
    const IpAddress kVip = *parse_ip("10.0.0.100");
    const IpAddress kOther = *parse_ip("10.0.0.101");
    const IpAddress kRival = *parse_ip("10.0.0.2");

    RivalClaimsTest() { configure(); }
    static config::Group group(const std::string& name, std::uint32_t id,
                               std::vector<IpAddress> vips) {
        config::Group made;
        made.name = name;
        made.id = id;
        made.vips = std::move(vips);
        return made;
    }
    static vrrp::Advert advert(std::uint8_t id, std::vector<IpAddress> vips,
                               std::uint8_t priority = 100) {
        return {.version = 3,
                .id = id,
                .priority = priority,
                .interval_ms = 100,
                .addresses = std::move(vips)};
    }
    void configure() { rivals_.configure(groups_); }
    void hear(const vrrp::Advert& advert, std::int64_t now_ns = kNow) {
        rivals_.note(advert, kRival, now_ns);
    }
    std::vector<IpAddress> left(std::int64_t now_ns = kNow) const {
        return rivals_.left_to_rivals(now_ns);
    }

    std::vector<config::Group> groups_{group("edge", 51, {kVip}), group("inner", 52, {kOther})};
    RivalClaims rivals_;
    const std::vector<IpAddress> nothing_;
};

TEST_F(RivalClaimsTest, AVipIsLeftToTheVirtualRouterOfTheLowerId) {
    hear(advert(52, {kVip}));
    EXPECT_EQ(left(), nothing_) << "ours goes first";
    hear(advert(50, {kVip}));
    EXPECT_EQ(left(), std::vector{kVip});
    hear(advert(51, {kOther}));
    EXPECT_EQ(left(), (std::vector{kVip, kOther}));
}

TEST_F(RivalClaimsTest, TheGroupsOwnElectionIsNoRival) {
    hear(advert(51, {kVip}));
    EXPECT_EQ(left(), nothing_);
}

// Of two gateways of which each hears the other, exactly one leaves the VIP to the other one.
TEST_F(RivalClaimsTest, ExactlyOneOfTwoGivesWay) {
    for (const std::uint8_t id : std::to_array<std::uint8_t>({49, 50, 52, 53})) {
        for (const std::uint8_t version : std::to_array<std::uint8_t>({2, 3})) {
            RivalClaims theirs;
            std::vector<config::Group> group_there{group("edge", id, {kVip})};
            group_there[0].version = version;
            theirs.configure(group_there);
            theirs.note(advert(51, {kVip}), *parse_ip("10.0.0.1"), kNow);
            vrrp::Advert advert_there = advert(id, {kVip});
            advert_there.version = version;
            rivals_ = {};
            configure();
            hear(advert_there);
            EXPECT_NE(left().empty(), theirs.left_to_rivals(kNow).empty()) << int{id};
        }
    }
}

TEST_F(RivalClaimsTest, OfOneIdTheHigherVersionGoesFirst) {
    groups_[0].version = 2;
    configure();
    hear(advert(51, {kVip}));
    EXPECT_EQ(left(), std::vector{kVip});
}

TEST_F(RivalClaimsTest, AClaimEndsSomeTimeAfterTheLastAdvert) {
    hear(advert(50, {kVip}));
    EXPECT_EQ(left(kNow + 399 * kMs), std::vector{kVip}) << "4 intervals";
    EXPECT_EQ(left(kNow + 400 * kMs), nothing_);
    vrrp::Advert fast = advert(50, {kVip});
    fast.interval_ms = 10;
    hear(fast, kNow + 1000 * kMs);
    EXPECT_EQ(left(kNow + 1000 * kMs + RivalClaims::kLasts_ns - 1), std::vector{kVip});
    EXPECT_EQ(left(kNow + 1000 * kMs + RivalClaims::kLasts_ns), nothing_);
}

TEST_F(RivalClaimsTest, PriorityZeroEndsAClaimOfTheSameRivalOnly) {
    hear(advert(50, {kVip}));
    hear(advert(49, {kVip}, 0));
    EXPECT_EQ(left(), std::vector{kVip});
    rivals_.note(advert(50, {kVip}, 0), *parse_ip("10.0.0.3"), kNow);
    EXPECT_EQ(left(), std::vector{kVip});
    hear(advert(50, {kVip}, 0));
    EXPECT_EQ(left(), nothing_);
}

TEST_F(RivalClaimsTest, AGroupWithPeersHeedsTheseOnly) {
    groups_[0].peers = {*parse_ip("10.0.0.3")};
    configure();
    hear(advert(50, {kVip}));
    EXPECT_EQ(left(), nothing_);
    rivals_.note(advert(50, {kVip}), *parse_ip("10.0.0.3"), kNow);
    EXPECT_EQ(left(), std::vector{kVip});
}

TEST_F(RivalClaimsTest, AGroupThatRequiresAuthenticationLeavesNothingToOthers) {
    groups_[0].auth_key = abi::HmacKey{{1}};
    configure();
    hear(advert(50, {kVip}));
    EXPECT_EQ(left(), nothing_);
    groups_[0].auth_required = false;
    configure();
    hear(advert(50, {kVip}));
    EXPECT_EQ(left(), std::vector{kVip});
}

TEST_F(RivalClaimsTest, AnotherConfigurationKeepsClaimsThatStillGoFirst) {
    hear(advert(50, {kVip}));
    configure();
    EXPECT_EQ(left(), std::vector{kVip});
    groups_[0].id = 49;
    configure();
    EXPECT_EQ(left(), nothing_);
    groups_[0].id = 51;
    configure();
    hear(advert(50, {kVip}));
    groups_.erase(groups_.begin());
    configure();
    EXPECT_EQ(left(), nothing_) << "the VIP is in no group any more";
}

TEST_F(RivalClaimsTest, VipsOfTheOtherFamilyAreLeftWithAnyThatAdvertsList) {
    const IpAddress sixth = *parse_ip("fd00::100");
    groups_ = {group("edge", 51, {kVip, kOther, sixth})};
    configure();
    hear(advert(50, {kVip}));
    EXPECT_EQ(left(), (std::vector{kVip, sixth}));
}

TEST_F(RivalClaimsTest, WhatOurAdvertsDoNotListIsLeftToWhoeverListsIt) {
    const IpAddress sixth = *parse_ip("fd00::100");
    groups_ = {group("edge", 51, {kVip, sixth})};
    configure();
    hear(advert(52, {sixth}));
    EXPECT_EQ(left(), std::vector{sixth});
    rivals_ = {};
    groups_[0].vips = {sixth, kVip};
    configure();
    hear(advert(51, {sixth}));
    EXPECT_EQ(left(), nothing_) << "its own election";
    hear(advert(51, {kVip}));
    EXPECT_EQ(left(), std::vector{kVip}) << "the same id, over the other IP version";
}

TEST_F(RivalClaimsTest, NamesTheRivalAndTheVips) {
    groups_[0].vips = {kVip, kOther};
    groups_.pop_back();
    configure();
    hear(advert(50, {kVip}));
    EXPECT_EQ(rivals_.describe("edge", kNow),
              std::vector<std::string>{
                  "10.0.0.100 is advertised by 10.0.0.2 in the virtual router of id 50, and left "
                  "to it; configure VIPs in the same group on all gateways"});
    hear(advert(50, {kOther, kVip}));
    ASSERT_EQ(rivals_.describe("edge", kNow).size(), 1u);
    EXPECT_TRUE(rivals_.describe("edge", kNow)[0].starts_with(
        "10.0.0.100 and 1 more of its VIPs are advertised by 10.0.0.2"));
    EXPECT_TRUE(rivals_.describe("inner", kNow).empty());
    EXPECT_TRUE(rivals_.describe("edge", kNow + 1000 * kMs).empty());
}

}  // namespace
}  // namespace vipfwd::group
