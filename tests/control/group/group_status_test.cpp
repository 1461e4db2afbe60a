// SPDX-License-Identifier: Apache-2.0
// The status of a group.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "control/group/group.h"
#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

class GroupStatusTest : public GroupTest {
  protected:
    std::uint64_t discarded(vrrp::Discard reason) const {
        return group_->status(now_).discards[static_cast<std::size_t>(reason)];
    }
    std::uint64_t discarded() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : group_->status(now_).discards)
            sum += count;
        return sum;
    }
};

TEST_F(GroupStatusTest, AdvertsThatCannotBeDecodedAreCountedByReason) {
    start_as_backup();
    for (std::size_t i = 0; i < vrrp::kDiscardCount; ++i) {
        for (std::size_t times = 0; times <= i; ++times)
            group_->on_advert(static_cast<vrrp::Discard>(i), from(kLarger, now_), now_);
    }
    for (std::size_t i = 0; i < vrrp::kDiscardCount; ++i)
        EXPECT_EQ(discarded(static_cast<vrrp::Discard>(i)), i + 1);
    EXPECT_EQ(group_->status(now_).adverts_received, 0u);
    EXPECT_FALSE(group_->status(now_).last_advert);
}

TEST_F(GroupStatusTest, AdvertsThatDoNotFitTheElectionAreCountedByReason) {
    start_as_active();
    vrrp::Advert other = advert(200);
    other.version = 2;
    group_->on_advert(other, from(kLarger, now_), now_);
    EXPECT_EQ(discarded(vrrp::Discard::kVersion), 1u);
    other = advert(200);
    other.id = 9;
    group_->on_advert(other, from(kLarger, now_), now_);
    EXPECT_EQ(discarded(vrrp::Discard::kUnknownId), 1u);
    hear(200, kOurs);
    EXPECT_EQ(discarded(vrrp::Discard::kOwnSource), 1u);
    config_.peers = {kSmaller};
    configure();
    hear(200, kLarger);
    EXPECT_EQ(discarded(vrrp::Discard::kNotPeer), 1u);
    hear(200, kOurs);
    EXPECT_EQ(discarded(vrrp::Discard::kOwnSource), 2u) << "rather than not_peer";
    EXPECT_EQ(discarded(), 5u);
    EXPECT_EQ(group_->status(now_).adverts_received, 0u);
    EXPECT_EQ(state(), "active");
}

TEST_F(GroupStatusTest, InVersion2AnotherIntervalIsCounted) {
    config_.version = 2;
    config_.advert_interval_ms = 1000;
    configure();
    start_as_active();
    vrrp::Advert other = advert(200, 2000);
    other.version = 2;
    group_->on_advert(other, from(kLarger, now_), now_);
    EXPECT_EQ(discarded(vrrp::Discard::kInterval), 1u);
    EXPECT_EQ(state(), "active");
    other.interval_ms = 1000;
    group_->on_advert(other, from(kLarger, now_), now_);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupStatusTest, TheLastTransitionsAreKeptNewestFirst) {
    start_as_active();
    for (int i = 0; i < 20; ++i) {
        now_ += 1000 * kMs;
        group_->set_enabled(false, now_);
        now_ += 1000 * kMs;
        group_->set_enabled(true, now_);
    }
    const auto described = group_->status(now_ + 500 * kMs);
    ASSERT_EQ(described.transitions.size(), 16u);
    for (std::size_t i = 0; i < 16; ++i) {
        const auto& one = described.transitions[i];
        EXPECT_EQ(one.age_ms, 500 + 1000 * i);
        EXPECT_EQ(one.from, i % 2 == 0 ? vrrp::State::kDown : vrrp::State::kBackup);
        EXPECT_EQ(one.to, i % 2 == 0 ? vrrp::State::kBackup : vrrp::State::kDown);
        EXPECT_EQ(one.cause, vrrp::Cause::kOperator);
    }
}

TEST_F(GroupStatusTest, EveryTransitionIsListedWithItsCause) {
    EXPECT_TRUE(group_->status(now_).transitions.empty());
    start_as_active();
    hear(200);
    const auto described = group_->status(now_);
    std::string life;
    for (const auto& one : described.transitions)
        life += std::string(name(one.from)) + " -> " + std::string(name(one.to)) + " (" +
                std::string(name(one.cause)) + "); ";
    EXPECT_EQ(life,
              "active -> backup (higher_priority); backup -> active (silence); "
              "down -> backup (startup); ");
}

TEST_F(GroupStatusTest, TheStatusHasConfigurationStateAndLastAdvert) {
    config_.priority = 120;
    config_.preempt = false;
    configure();
    start_as_backup();
    now_ += 2000 * kMs;
    hear(200, kLarger, 2 * kInterval_ms);
    now_ += 300 * kMs;
    const auto described = group_->status(now_);
    EXPECT_EQ(described.name, "edge");
    EXPECT_EQ(described.port, "uplink");
    EXPECT_EQ(described.id, 51u);
    EXPECT_TRUE(described.is_v4);
    EXPECT_EQ(described.version, 3);
    EXPECT_EQ(described.state, vrrp::State::kBackup);
    EXPECT_EQ(described.cause, vrrp::Cause::kStartup);
    EXPECT_EQ(described.state_age_ms, 2300u);
    EXPECT_EQ(described.effective_priority, 120);
    EXPECT_EQ(described.configured_priority, 120);
    EXPECT_EQ(described.advert_interval_ms, kInterval_ms);
    EXPECT_EQ(described.source, kOurs);
    EXPECT_EQ(described.vips, 2u);
    EXPECT_EQ(described.adverts_received, 1u);
    ASSERT_TRUE(described.last_advert);
    EXPECT_EQ(described.last_advert->source, kLarger);
    EXPECT_EQ(described.last_advert->priority, 200);
    EXPECT_EQ(described.last_advert->interval_ms, 2 * kInterval_ms);
    EXPECT_EQ(described.last_advert->age_ms, 300u);
}

TEST_F(GroupStatusTest, TheVipsOfThePeersAdvertsAreComparedWithOurs) {
    start_as_backup();
    const auto same_vips = [&](const vrrp::Advert& heard) {
        group_->on_advert(heard, from(kLarger, now_), now_);
        return group_->status(now_).last_advert->same_vips;
    };
    vrrp::Advert one = advert(200);
    EXPECT_FALSE(same_vips(one)) << "one of two";
    EXPECT_EQ(state(), "backup") << "the peer is followed all the same";
    vrrp::Advert two = one;
    two.addresses = {config_.vips[1], config_.vips[0]};
    EXPECT_TRUE(same_vips(two)) << "in any order";
    two.addresses[0] = kSmaller;
    EXPECT_FALSE(same_vips(two)) << "as many, but different ones";
    config_.vips = one.addresses;
    configure();
    EXPECT_TRUE(same_vips(one)) << "compared with the current configuration";
    one.priority = 0;
    one.addresses.push_back(kSmaller);
    EXPECT_FALSE(same_vips(one)) << "one more";
}

TEST_F(GroupStatusTest, OfMoreVipsThanAnAdvertHoldsTheListedOnesAreCompared) {
    config_.vips.clear();
    for (int i = 0; i < 300; ++i)
        config_.vips.push_back(
            *parse_ip("10.1." + std::to_string(i / 100) + "." + std::to_string(i % 100)));
    configure();
    start_as_backup();
    vrrp::Advert listed = advert(200);
    listed.addresses.assign(config_.vips.begin(), config_.vips.begin() + 255);
    group_->on_advert(listed, from(kLarger, now_), now_);
    EXPECT_TRUE(group_->status(now_).last_advert->same_vips);
}

TEST_F(GroupStatusTest, TheStatusHasTheFamilyAndSourceOfIpv6) {
    config_.vips = {*parse_ip("fd00::100")};
    inputs_.source = *parse_ip("fe80::1");
    restart_control();
    EXPECT_FALSE(group_->status(now_).is_v4);
    EXPECT_EQ(group_->status(now_).source, inputs_.source);
}

}  // namespace
}  // namespace vipfwd::group
