// SPDX-License-Identifier: Apache-2.0
// Adverts that have the group's id, but list none of its VIPs; and warnings of adverts.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/abi/address_text.h"
#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

using vrrp::Discard;

class GroupForeignTest : public GroupTest {
  protected:
    // Passes an advert that lists these addresses.
    void hear_listing(const std::vector<IpAddress>& addresses, std::uint8_t priority = 200,
                      const IpAddress& source = kLarger) {
        vrrp::Advert heard = advert(priority);
        heard.addresses = addresses;
        group_->on_advert(heard, from(source, now_), now_);
    }
    std::uint64_t discarded(Discard why) const {
        return group_->status(now_).discards[static_cast<std::size_t>(why)];
    }
    // The reasons of the warnings.
    std::string warnings() const {
        std::string all;
        for (const Warning& one : group_->status(now_).warnings)
            all += (all.empty() ? "" : " ") + one.reason;
        return all;
    }
    void use_both_families() {
        config_.vips = {*parse_ip("10.0.0.100"), *parse_ip("fd00::100")};
        configure();
    }

    const std::vector<IpAddress> foreign_{*parse_ip("172.16.9.1")};
};

TEST_F(GroupForeignTest, ABackupTakesOverWhateverAForeignRouterAdvertises) {
    start_as_backup();
    for (const std::int64_t until = now_ + 2 * kActiveDown; now_ < until;) {
        hear_listing(foreign_);
        pass(now_ + kInterval / 2);
    }
    EXPECT_EQ(state(), "active");
    EXPECT_FALSE(group_->status(now_).last_advert) << "it is no peer";
    EXPECT_EQ(group_->status(now_).adverts_received, 0u);
    EXPECT_GT(discarded(Discard::kForeignVips), 10u);
    EXPECT_EQ(warnings(), "foreign_vips");
}

TEST_F(GroupForeignTest, AnOwnerStaysOne) {
    start_as_active();
    hear_listing(foreign_, 254);
    hear_listing(foreign_, 0);
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "") << "a foreign router is not answered";
    EXPECT_EQ(discarded(Discard::kForeignVips), 2u);
}

TEST_F(GroupForeignTest, AForeignResignationDoesNotHastenATakeover) {
    start_as_backup();
    hear(200);
    const std::int64_t deadline = group_->deadline_ns();
    hear_listing(foreign_, 0);
    EXPECT_EQ(group_->deadline_ns(), deadline);
}

TEST_F(GroupForeignTest, AForeignRouterOfAnotherVersionIsForeignFirst) {
    start_as_active();
    vrrp::Advert heard = advert(200);
    heard.version = 2;
    heard.addresses = foreign_;
    group_->on_advert(heard, from(kLarger, now_), now_);
    EXPECT_EQ(warnings(), "foreign_vips");
    EXPECT_EQ(discarded(Discard::kVersion), 0u);
}

TEST_F(GroupForeignTest, OneCommonVipMakesItAPeer) {
    start_as_active();
    hear_listing({foreign_[0], config_.vips[1]});
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(warnings(), "other_vips");
}

TEST_F(GroupForeignTest, TheConfigurationRestoresTheRfc) {
    config_.foreign_vips = config::ForeignVips::kObey;
    configure();
    start_as_active();
    hear_listing(foreign_);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(warnings(), "other_vips");
    EXPECT_EQ(discarded(Discard::kForeignVips), 0u);
}

TEST_F(GroupForeignTest, AListThatMayBeCutShortDecides) {
    start_as_active();
    std::vector<IpAddress> many;
    for (int i = 0; i < 255; ++i)
        many.push_back(*parse_ip("172.16.9." + std::to_string(i)));
    hear_listing({many.begin(), many.end() - 1});
    EXPECT_EQ(state(), "active");
    hear_listing(many);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupForeignTest, WhatTheMtuHasNoRoomForMayBeAmongTheOthers) {
    config_.vips = {*parse_ip("fd00::100"), *parse_ip("fd00::101")};
    inputs_.source = *parse_ip("fe80::1");
    restart_control();
    start_as_active();
    std::vector<IpAddress> many;
    for (int i = 0; i < 77; ++i)  // (1280 - 40 - 8) / 16
        many.push_back(*parse_ip("fd00:1::" + std::to_string(i)));
    hear_listing({many.begin(), many.end() - 1}, 200, *parse_ip("fe80::2"));
    EXPECT_EQ(state(), "active");
    hear_listing(many, 200, *parse_ip("fe80::2"));
    EXPECT_EQ(state(), "backup");
}

// While the list of one gateway is edited, both may own VIPs; but none that both have.
TEST_F(GroupForeignTest, APeerWhoseListWasReplacedIsFollowedNoLonger) {
    start_as_backup();
    hear(200);
    pass(now_ + kActiveDown - kInterval / 2);
    hear_listing(foreign_);
    pass(now_ + kInterval);
    EXPECT_EQ(state(), "active");
}

TEST_F(GroupForeignTest, OfVipsOfBothFamiliesAPeersListNamesOnlySome) {
    use_both_families();
    start_as_active();
    hear_listing(foreign_);
    EXPECT_EQ(state(), "active") << "nobody knows it";
    hear(50);
    hear_listing(foreign_);
    EXPECT_EQ(state(), "backup") << "it may have the IPv6 VIP";
    EXPECT_EQ(warnings(), "foreign_vips other_vips");
}

TEST_F(GroupForeignTest, OfVipsOfBothFamiliesAConfiguredPeerDecides) {
    config_.peers = {kLarger};
    use_both_families();
    start_as_active();
    hear_listing(foreign_);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupForeignTest, AMismatchThatMakesTwoOwnersIsAWarningThatGoesAway) {
    start_as_active();
    vrrp::Advert other = advert(200);
    other.version = 2;
    group_->on_advert(other, from(kLarger, now_), now_);
    ASSERT_EQ(warnings(), "version");
    const Warning warning = group_->status(now_).warnings[0];
    EXPECT_EQ(warning.source, "10.0.1.1");
    EXPECT_EQ(warning.count, 1u);
    EXPECT_NE(warning.text.find("VRRP version 2"), std::string::npos);
    now_ += Warnings::kLasts_ns + 3 * kInterval - kMs;
    EXPECT_EQ(warnings(), "version") << "three intervals of the sender longer";
    now_ += kMs;
    EXPECT_EQ(warnings(), "");
}

TEST_F(GroupForeignTest, AnotherConfigurationIsComparedAnew) {
    start_as_active();
    vrrp::Advert other = advert(50);
    other.version = 2;
    group_->on_advert(other, from(kLarger, now_), now_);
    hear(50);
    EXPECT_EQ(warnings(), "version other_vips");
    config_.vips.pop_back();
    configure();
    EXPECT_EQ(warnings(), "");
    hear(50);
    EXPECT_EQ(warnings(), "");
}

TEST_F(GroupForeignTest, OtherIdsAndSendersMatterOnlyIfTheyListOurVips) {
    start_as_active();
    vrrp::Advert other = advert(200);
    other.id = 52;
    other.addresses = foreign_;
    group_->on_advert(other, from(kLarger, now_), now_);
    group_->on_advert(Discard::kUnknownId, from(kLarger, now_), now_);
    EXPECT_EQ(discarded(Discard::kUnknownId), 2u);
    EXPECT_EQ(warnings(), "") << "any other virtual router of the link";
    other.addresses = {config_.vips[1]};
    group_->on_advert(other, from(kLarger, now_), now_);
    EXPECT_EQ(warnings(), "unknown_id");
    config_.peers = {kSmaller};
    configure();
    hear_listing(foreign_);
    EXPECT_EQ(discarded(Discard::kNotPeer), 1u);
    EXPECT_EQ(warnings(), "");
    hear(200);
    EXPECT_EQ(warnings(), "not_peer");
    EXPECT_EQ(state(), "active");
}

}  // namespace
}  // namespace vipfwd::group
