// SPDX-License-Identifier: Apache-2.0
// A group with a key and a peer, kLarger.
#include <gtest/gtest.h>

#include "control/table/group_adverts.h"
#include "dataplane/abi/time_units.h"
#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

constexpr std::int64_t kWall_ns = 1'800'000'000 * kNanosecondsPerS;

class GroupAuthenticateTest : public GroupTest {
  protected:
    GroupAuthenticateTest() {
        config_.peers = {kLarger};
        config_.auth_key = abi::HmacKey{{1, 2, 3}};
        group_ = std::make_unique<Group>(config_, ignore_event);
        inputs_.status = status_.get();
    }

    // An advert as the peer's dataplane would send it.
    std::vector<std::uint8_t> spoken(std::uint8_t priority, std::int64_t sequence) {
        std::vector<std::uint8_t> payload =
            make_payload(table::advert_settings(config_), advert(priority), kLarger, kOurs);
        if (config_.auth_key) {
            EXPECT_TRUE(abi::AdvertSigner().sign(payload, kLarger, kOurs, *config_.auth_key,
                                                 static_cast<std::uint64_t>(sequence)));
        }
        return payload;
    }
    void receive(std::span<const std::uint8_t> payload) {
        net::ReceivedAdvert received = from(kLarger, now_);
        received.payload = payload;
        received.destination = kOurs;
        received.wall_ns = kWall_ns;
        group_->on_advert(vrrp::decode(payload, kLarger, kOurs, vrrp::kTtl), received, now_);
    }
    std::uint64_t discarded(vrrp::Discard reason) {
        return group_->status(now_).discards[static_cast<std::size_t>(reason)];
    }

    std::unique_ptr<abi::DataplaneStatus> status_ = std::make_unique<abi::DataplaneStatus>();
};

TEST_F(GroupAuthenticateTest, AnAdvertSignedWithTheKeyCounts) {
    start_as_active();
    receive(spoken(200, kWall_ns));
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(group_->status(now_).adverts_received, 1u);
    EXPECT_EQ(group_->status(now_).authentication, GroupStatus::Authentication::kRequired);
}

TEST_F(GroupAuthenticateTest, AnAdvertThatIsNotAuthenticIsDiscardedWithItsReason) {
    start_as_active();
    const auto genuine = spoken(0, kWall_ns);
    receive(genuine);
    (void)written();
    receive(genuine);
    EXPECT_EQ(discarded(vrrp::Discard::kReplayed), 1u);
    auto forged = spoken(200, kWall_ns + 1);
    forged.back() ^= 1;
    receive(forged);
    EXPECT_EQ(discarded(vrrp::Discard::kBadMac), 1u);
    receive(std::span(forged).first(forged.size() - abi::kAuthTrailerBytes));
    EXPECT_EQ(discarded(vrrp::Discard::kUnauthenticated), 1u);
    EXPECT_EQ(state(), "active");
    EXPECT_EQ(written(), "");
    EXPECT_EQ(group_->status(now_).adverts_received, 1u);
    EXPECT_EQ(group_->status(now_).last_advert->priority, 0);
    EXPECT_EQ(group_->status(now_).unverified_adverts, 0u);
}

TEST_F(GroupAuthenticateTest, AWrongClockAtFirstContactIsStale) {
    start_as_active();
    receive(spoken(200, kWall_ns - 301 * kNanosecondsPerS));
    EXPECT_EQ(discarded(vrrp::Discard::kStale), 1u);
    EXPECT_EQ(state(), "active");
}

TEST_F(GroupAuthenticateTest, ARestartedControlKnowsTheReceivedSequences) {
    start_as_active();
    const auto genuine = spoken(0, kWall_ns);
    receive(genuine);
    restart_control();
    receive(genuine);
    EXPECT_EQ(discarded(vrrp::Discard::kReplayed), 1u);
    receive(spoken(200, kWall_ns + 1));
    EXPECT_EQ(state(), "backup");
}

TEST_F(GroupAuthenticateTest, WhileAuthenticationIsOptionalUnauthenticAdvertsCountAndAreCounted) {
    config_.auth_required = false;
    start_as_backup();
    configure();
    const auto genuine = spoken(200, kWall_ns);
    receive(genuine);
    EXPECT_EQ(group_->status(now_).unverified_adverts, 0u);
    receive(std::span(genuine).first(genuine.size() - abi::kAuthTrailerBytes));
    auto other_key = genuine;
    other_key.back() ^= 1;
    receive(other_key);
    EXPECT_EQ(group_->status(now_).unverified_adverts, 2u);
    EXPECT_EQ(group_->status(now_).adverts_received, 3u);
    EXPECT_EQ(group_->status(now_).authentication, GroupStatus::Authentication::kOptional);
    EXPECT_EQ(discarded(vrrp::Discard::kUnauthenticated) + discarded(vrrp::Discard::kBadMac), 0u);
}

TEST_F(GroupAuthenticateTest, AnAdvertSignedWithTheSecondKeyCounts) {
    const auto old = spoken(200, kWall_ns);
    config_.auth_second_key = config_.auth_key;
    config_.auth_key = abi::HmacKey{{4}};
    const auto now = spoken(200, kWall_ns + 1);
    start_as_active();
    configure();
    receive(old);
    EXPECT_EQ(state(), "backup");
    receive(now);
    receive(old);
    receive(now);
    EXPECT_EQ(discarded(vrrp::Discard::kReplayed), 2u);
    EXPECT_EQ(group_->status(now_).adverts_received, 2u);
    config_.auth_second_key.reset();
    configure();
    receive(old);
    EXPECT_EQ(discarded(vrrp::Discard::kBadMac), 1u);
}

TEST_F(GroupAuthenticateTest, WithoutAKeyATrailerIsSkipped) {
    const auto genuine = spoken(200, kWall_ns);
    config_.auth_key.reset();
    group_ = std::make_unique<Group>(config_, ignore_event);
    start_as_active();
    receive(genuine);
    EXPECT_EQ(state(), "backup");
    EXPECT_EQ(group_->status(now_).authentication, GroupStatus::Authentication::kNone);
}

TEST_F(GroupAuthenticateTest, SignsWithASequenceAboveThoseOfBothProcesses) {
    start_as_active();
    const auto sequence_of = [&](std::int64_t wall_ns) {
        std::vector<std::uint8_t> payload =
            make_payload(table::advert_settings(config_), advert(0), kOurs, kLarger);
        EXPECT_TRUE(group_->sign(payload, kLarger, wall_ns));
        return abi::AdvertSigner().verify(payload, kOurs, kLarger, *config_.auth_key);
    };
    EXPECT_EQ(sequence_of(kWall_ns), kWall_ns);
    status_->last_sequence[kLease].store(kWall_ns + 1000);
    EXPECT_EQ(sequence_of(kWall_ns), kWall_ns + 1001) << "above the dataplane's last one";
    restart_control();
    EXPECT_EQ(sequence_of(kWall_ns), kWall_ns + 1002)
        << "above control's last one, although the clock was set back";
    EXPECT_EQ(lease().last_sequence.load(), static_cast<std::uint64_t>(kWall_ns) + 1002);
}

TEST_F(GroupAuthenticateTest, WithoutAKeyThereIsNothingToSign) {
    config_.auth_key.reset();
    group_ = std::make_unique<Group>(config_, ignore_event);
    start_as_active();
    const auto unsigned_payload =
        make_payload(table::advert_settings(config_), advert(0), kOurs, kLarger);
    auto payload = unsigned_payload;
    EXPECT_TRUE(group_->sign(payload, kLarger, kWall_ns));
    EXPECT_EQ(payload, unsigned_payload);
}

}  // namespace
}  // namespace vipfwd::group
