// SPDX-License-Identifier: Apache-2.0
#include "control/group/advert_filter.h"

#include <gtest/gtest.h>

#include <memory>

#include "control/table/group_adverts.h"
#include "dataplane/abi/time_units.h"
#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

constexpr std::int64_t kReceivedWall_ns = 1'800'000'000 * kNanosecondsPerS;

class AdvertFilterTest : public testing::Test {
  protected:
    std::uint64_t discarded(vrrp::Discard why) const {
        return filter_.discards()[static_cast<std::size_t>(why)];
    }
    const vrrp::Advert* screen(const std::variant<vrrp::Advert, vrrp::Discard>& decoded,
                               const IpAddress& source = kLarger) {
        return filter_.screen(group_, inputs_, decoded, source, kStart);
    }
    // An advert of kLarger, signed with `key`.
    bool authenticate(const abi::HmacKey& key, std::uint64_t sequence) {
        std::vector<std::uint8_t> payload =
            make_payload(table::advert_settings(group_), advert(200), kLarger, kOurs);
        EXPECT_TRUE(abi::AdvertSigner().sign(payload, kLarger, kOurs, key, sequence));
        net::ReceivedAdvert received;
        received.payload = payload;
        received.source = kLarger;
        received.destination = kOurs;
        received.wall_ns = kReceivedWall_ns;
        return filter_.authenticate(group_, inputs_, received, kStart) !=
               AdvertFilter::Authenticity::kRejected;
    }

    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    config::Group group_ = edge();
    GroupInputs inputs_{.leases = leases_.get(), .lease = 7, .source = kOurs, .mtu = 1500};
    AdvertFilter filter_;
};

TEST_F(AdvertFilterTest, AnAdvertThatCouldNotBeDecodedIsCountedByItsReason) {
    EXPECT_EQ(screen(vrrp::Discard::kChecksum), nullptr);
    EXPECT_EQ(discarded(vrrp::Discard::kChecksum), 1u);
}

TEST_F(AdvertFilterTest, WithPeersOnlyTheirAdvertsPass) {
    const std::variant<vrrp::Advert, vrrp::Discard> decoded = advert(200);
    EXPECT_NE(screen(decoded), nullptr) << "without peers, every source passes";
    group_.peers = {kSmaller};
    EXPECT_EQ(screen(decoded), nullptr);
    EXPECT_EQ(discarded(vrrp::Discard::kNotPeer), 1u);
    EXPECT_EQ(screen(decoded, kOurs), nullptr);
    EXPECT_EQ(discarded(vrrp::Discard::kOwnSource), 1u);
    EXPECT_NE(screen(decoded, kSmaller), nullptr);
}

TEST_F(AdvertFilterTest, OnlyAdvertsOfTheGroupsIdPass) {
    vrrp::Advert other = advert(200);
    other.id = 52;
    EXPECT_EQ(screen(other), nullptr);
    EXPECT_EQ(discarded(vrrp::Discard::kUnknownId), 1u);
}

// The gateways of a group may share VIPs of the other IP version, which adverts do not list.
TEST_F(AdvertFilterTest, WithVipsOfBothFamiliesAnAuthenticAdvertDecides) {
    using Authenticity = AdvertFilter::Authenticity;
    vrrp::Advert foreign = advert(200);
    foreign.addresses = {*parse_ip("172.16.9.1")};
    const auto decides = [&](Authenticity authenticity) {
        return filter_.decides(group_, inputs_, foreign, kLarger, authenticity, kStart);
    };
    EXPECT_FALSE(decides(Authenticity::kVerified)) << "no VIP is shared";
    group_.vips.push_back(*parse_ip("fd00::100"));
    filter_.forget_comparisons();
    EXPECT_FALSE(decides(Authenticity::kUnverified));
    EXPECT_TRUE(decides(Authenticity::kVerified));
    EXPECT_EQ(discarded(vrrp::Discard::kForeignVips), 2u);
}

TEST_F(AdvertFilterTest, EitherKeyAuthenticates) {
    group_.auth_key = abi::HmacKey{{1}};
    EXPECT_TRUE(authenticate({{1}}, kReceivedWall_ns));
    EXPECT_FALSE(authenticate({{2}}, kReceivedWall_ns + 1));
    EXPECT_EQ(discarded(vrrp::Discard::kBadMac), 1u);
    group_.auth_second_key = abi::HmacKey{{2}};
    EXPECT_TRUE(authenticate({{2}}, kReceivedWall_ns + 1));
    EXPECT_FALSE(authenticate({{1}}, kReceivedWall_ns)) << "a replay";
    EXPECT_EQ(discarded(vrrp::Discard::kReplayed), 1u);
}

TEST_F(AdvertFilterTest, UnlessRequiredAuthenticationIsOnlyCounted) {
    group_.auth_key = abi::HmacKey{{1}};
    group_.auth_required = false;
    EXPECT_TRUE(authenticate({{2}}, kReceivedWall_ns));
    EXPECT_EQ(filter_.unverified(), 1u);
    EXPECT_EQ(discarded(vrrp::Discard::kBadMac), 0u);
}

TEST_F(AdvertFilterTest, WithoutARegionNothingCanBeAuthenticated) {
    group_.auth_key = abi::HmacKey{{1}};
    inputs_.leases = nullptr;
    EXPECT_FALSE(authenticate({{1}}, kReceivedWall_ns));
}

TEST_F(AdvertFilterTest, TheVipsOfAnAdvertAreComparedWithTheConfiguredOnes) {
    vrrp::Advert listed = advert(200);
    filter_.note_accepted(group_, inputs_, listed, kLarger, kStart);
    EXPECT_FALSE(filter_.last_has_our_vips()) << "one of two";
    listed.addresses = {group_.vips[1], group_.vips[0]};
    filter_.note_accepted(group_, inputs_, listed, kLarger, kStart);
    EXPECT_TRUE(filter_.last_has_our_vips()) << "in any order";
    group_.vips.pop_back();
    filter_.forget_comparisons();
    filter_.note_accepted(group_, inputs_, listed, kLarger, kStart);
    EXPECT_FALSE(filter_.last_has_our_vips());
    EXPECT_EQ(filter_.accepted(), 3u);
}

}  // namespace
}  // namespace vipfwd::group
