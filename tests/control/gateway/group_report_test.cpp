// SPDX-License-Identifier: Apache-2.0
// What a group tells of itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "control/gateway/group.h"
#include "tests/control/gateway/scene.h"

namespace vipfwd::gateway {
namespace {

class GroupReportTest : public GroupTest {
  protected:
    std::uint64_t discarded(const std::string& reason) const {
        const auto described = group_->describe(now_);
        const auto found = std::ranges::find(described.discards, reason,
                                             &decltype(described.discards)::value_type::first);
        EXPECT_NE(found, described.discards.end()) << reason;
        return found == described.discards.end() ? 0 : found->second;
    }
    std::uint64_t discarded() const {
        std::uint64_t sum = 0;
        for (const auto& [reason, count] : group_->describe(now_).discards)
            sum += count;
        return sum;
    }
};

TEST_F(GroupReportTest, CountsWhatDecodingRefusesByItsReason) {
    start_as_backup();
    for (std::size_t i = 0; i < vrrp::kDiscardCount; ++i) {
        for (std::size_t times = 0; times <= i; ++times)
            group_->hear(static_cast<vrrp::Discard>(i), from(kLarger, now_), now_);
    }
    for (std::size_t i = 0; i < vrrp::kDiscardCount; ++i)
        EXPECT_EQ(discarded(std::string(vrrp::kDiscardTexts[i].name)), i + 1);
    EXPECT_EQ(group_->describe(now_).discards.size(), vrrp::kDiscardCount);
    EXPECT_EQ(group_->describe(now_).adverts_received, 0u);
    EXPECT_FALSE(group_->describe(now_).heard);
}

TEST_F(GroupReportTest, CountsWhatIsNotForItsElection) {
    start_as_active();
    vrrp::Advert other = advert(200);
    other.version = 2;
    group_->hear(other, from(kLarger, now_), now_);
    EXPECT_EQ(discarded("version"), 1u);
    other = advert(200);
    other.id = 9;
    group_->hear(other, from(kLarger, now_), now_);
    EXPECT_EQ(discarded("unknown_id"), 1u);
    hear(200, kOurs);
    EXPECT_EQ(discarded("own_source"), 1u);
    config_.peers = {kSmaller};
    configure();
    hear(200, kLarger);
    EXPECT_EQ(discarded("not_peer"), 1u);
    hear(200, kOurs);
    EXPECT_EQ(discarded("own_source"), 2u) << "rather than not_peer";
    EXPECT_EQ(discarded(), 5u);
    EXPECT_EQ(group_->describe(now_).adverts_received, 0u);
    EXPECT_EQ(state(), "active");
}

TEST_F(GroupReportTest, CountsAnotherIntervalInVersion2) {
    config_.version = 2;
    config_.advert_interval_ms = 1000;
    configure();
    start_as_active();
    vrrp::Advert other = advert(200, 2000);
    other.version = 2;
    group_->hear(other, from(kLarger, now_), now_);
    EXPECT_EQ(discarded("interval"), 1u);
    EXPECT_EQ(state(), "active");
    other.interval_ms = 1000;
    group_->hear(other, from(kLarger, now_), now_);
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupReportTest, KeepsTheLastTransitionsNewestFirst) {
    start_as_active();
    for (int i = 0; i < 20; ++i) {
        now_ += 1000 * kMs;
        group_->set_enabled(false, now_);
        now_ += 1000 * kMs;
        group_->set_enabled(true, now_);
    }
    const auto described = group_->describe(now_ + 500 * kMs);
    ASSERT_EQ(described.transitions.size(), 16u);
    for (std::size_t i = 0; i < 16; ++i) {
        const auto& one = described.transitions[i];
        EXPECT_EQ(one.age_ms, 500 + 1000 * i);
        EXPECT_EQ(one.from, i % 2 == 0 ? "down" : "backup");
        EXPECT_EQ(one.to, i % 2 == 0 ? "backup" : "down");
        EXPECT_EQ(one.cause, "operator");
    }
}

TEST_F(GroupReportTest, TellsTheWholeLifeOfAGroup) {
    EXPECT_TRUE(group_->describe(now_).transitions.empty());
    start_as_active();
    hear(200);
    const auto described = group_->describe(now_);
    std::string life;
    for (const auto& one : described.transitions)
        life += one.from + " -> " + one.to + " (" + one.cause + "); ";
    EXPECT_EQ(life,
              "active -> backup (higher_priority); backup -> active (silence); "
              "down -> backup (startup); ");
}

TEST_F(GroupReportTest, DescribesItself) {
    config_.priority = 120;
    config_.preempt = false;
    configure();
    start_as_backup();
    now_ += 2000 * kMs;
    hear(200, kLarger, 2 * kInterval_ms);
    now_ += 300 * kMs;
    const auto described = group_->describe(now_);
    EXPECT_EQ(described.name, "edge");
    EXPECT_EQ(described.port, "uplink");
    EXPECT_EQ(described.id, 51u);
    EXPECT_TRUE(described.is_v4);
    EXPECT_EQ(described.version, 3);
    EXPECT_EQ(described.state, "backup");
    EXPECT_EQ(described.cause, "startup");
    EXPECT_EQ(described.age_ms, 2300u);
    EXPECT_EQ(described.priority, 120);
    EXPECT_EQ(described.configured_priority, 120);
    EXPECT_EQ(described.advert_interval_ms, kInterval_ms);
    EXPECT_EQ(described.source, kOurs);
    EXPECT_EQ(described.vips, 2u);
    EXPECT_EQ(described.adverts_received, 1u);
    ASSERT_TRUE(described.heard);
    EXPECT_EQ(described.heard->source, kLarger);
    EXPECT_EQ(described.heard->priority, 200);
    EXPECT_EQ(described.heard->interval_ms, 2 * kInterval_ms);
    EXPECT_EQ(described.heard->age_ms, 300u);
}

TEST_F(GroupReportTest, ComparesTheVipsOfWhomItHearsWithItsOwn) {
    start_as_backup();
    const auto same_vips = [&](const vrrp::Advert& heard) {
        group_->hear(heard, from(kLarger, now_), now_);
        return group_->describe(now_).heard->same_vips;
    };
    vrrp::Advert one = advert(200);
    EXPECT_FALSE(same_vips(one)) << "one of two";
    EXPECT_EQ(state(), "backup") << "it is followed all the same";
    vrrp::Advert two = one;
    two.addresses = {config_.vips[1], config_.vips[0]};
    EXPECT_TRUE(same_vips(two)) << "in whatever order";
    two.addresses[0] = kSmaller;
    EXPECT_FALSE(same_vips(two)) << "as many, but others";
    config_.vips = one.addresses;
    configure();
    EXPECT_TRUE(same_vips(one)) << "with what is configured now";
    one.priority = 0;
    one.addresses = {};
    EXPECT_FALSE(same_vips(one));
}

TEST_F(GroupReportTest, OfMoreVipsThanAnAdvertTakesItComparesThoseThatAreListed) {
    config_.vips.clear();
    for (int i = 0; i < 300; ++i)
        config_.vips.push_back(
            *parse_ip("10.1." + std::to_string(i / 100) + "." + std::to_string(i % 100)));
    configure();
    start_as_backup();
    vrrp::Advert listed = advert(200);
    listed.addresses.assign(config_.vips.begin(), config_.vips.begin() + 255);
    group_->hear(listed, from(kLarger, now_), now_);
    EXPECT_TRUE(group_->describe(now_).heard->same_vips);
}

TEST_F(GroupReportTest, OverIpv6ItSaysSo) {
    config_.vips = {*parse_ip("fd00::100")};
    situation_.source = *parse_ip("fe80::1");
    restart_control();
    EXPECT_FALSE(group_->describe(now_).is_v4);
    EXPECT_EQ(group_->describe(now_).source, situation_.source);
}

}  // namespace
}  // namespace vipfwd::gateway
