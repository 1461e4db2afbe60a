// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/advert_scheduler.h"

#include <string>
#include <utility>

#include "tests/dataplane/packet/advert_fixture.h"

namespace vipfwd::packet {
namespace {

TEST_F(AdvertSchedulerTest, ABackupIsSilent) {
    EXPECT_TRUE(pass(100).empty());
    claim(LeaseState::kBackup);
    EXPECT_TRUE(pass(100).empty());
}

TEST_F(AdvertSchedulerTest, ANewOwnerAdvertisesToEachPeerAndThenAnnouncesItsVips) {
    claim(LeaseState::kOwner);
    const auto sent = send_due();
    ASSERT_EQ(sent.size(), 4u);
    EXPECT_EQ(sent[0].priority, 200);
    EXPECT_EQ(sent[1].priority, 200);
    EXPECT_EQ(sent[2].vip, sample::ip("10.0.0.100"));
    EXPECT_EQ(sent[3].vip, sample::ip("fd00::100"));
}

TEST_F(AdvertSchedulerTest, AnOwnerAdvertisesInEachInterval) {
    claim(LeaseState::kOwner);
    send_due();
    const auto sent = adverts(pass(100 * kInterval_ms));
    ASSERT_EQ(sent.size(), 2u * 100);
    for (std::size_t i = 2; i < sent.size(); i += 2)
        EXPECT_EQ(sent[i].at_ms - sent[i - 2].at_ms, kInterval_ms);
}

TEST_F(AdvertSchedulerTest, AfterAPauseMissedAdvertsAreNotSent) {
    claim(LeaseState::kOwner);
    send_due();
    now_ms_ += 10 * kInterval_ms + 5;
    EXPECT_EQ(adverts(send_due()).size(), 2u);
    EXPECT_TRUE(adverts(pass(kInterval_ms - 1)).empty());
    EXPECT_EQ(adverts(pass(1)).size(), 2u);
}

TEST_F(AdvertSchedulerTest, ANewEpochSendsAnAdvertAtOnceWithItsPriority) {
    claim(LeaseState::kOwner);
    pass(5);
    claim(LeaseState::kOwner, 150);
    const auto sent = adverts(send_due());
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0].priority, 150);
}

TEST_F(AdvertSchedulerTest, AnnouncementsAreRepeatedSoonAndThenInTheConfiguredInterval) {
    claim(LeaseState::kOwner);
    std::vector<std::uint64_t> rounds_ms;
    const std::uint64_t start_ms = now_ms_;
    for (const Sent& sent : pass(70'000)) {
        if (sent.priority < 0 && sent.vip.is_v4())
            rounds_ms.push_back(sent.at_ms - start_ms - 1);
    }
    EXPECT_EQ(rounds_ms, (std::vector<std::uint64_t>{0, 100, 1100, 6100, 36'100, 66'100}));
}

TEST_F(AdvertSchedulerTest, ControlCanRequestAnnouncementsAtALimitedRate) {
    claim(LeaseState::kOwner);
    pass(10'000);
    ++claim_.announcement;
    store_claim();
    EXPECT_EQ(announcements(send_due()), 2u);
    std::size_t count = 0;
    for (int i = 0; i < 1000; ++i) {
        ++claim_.announcement;
        store_claim();
        count += announcements(pass(1));
    }
    EXPECT_EQ(count, 2u * 10) << "one round each 100 ms";
}

TEST_F(AdvertSchedulerTest, AnOwnerThatLosesAnElectionAdvertisesOnceMoreAndThenStops) {
    claim(LeaseState::kOwner);
    pass(5);
    claim(LeaseState::kBackup);
    const auto sent = pass(10'000);
    ASSERT_EQ(sent.size(), 2u) << "one to each peer";
    EXPECT_EQ(sent[0].priority, 200);
    EXPECT_EQ(sent[1].priority, 200);
}

TEST_F(AdvertSchedulerTest, AnOwnerThatResignsSendsPriorityZeroOnce) {
    claim(LeaseState::kOwner);
    pass(5);
    claim(LeaseState::kResigned);
    const auto sent = pass(100);
    ASSERT_EQ(sent.size(), 2u) << "one to each peer";
    EXPECT_EQ(sent[0].priority, 0);
    EXPECT_EQ(sent[1].priority, 0);
}

TEST_F(AdvertSchedulerTest, AHandoverIsAdvertisedOnceAndCanBeRevoked) {
    claim(LeaseState::kOwner);
    pass(5);
    claim(LeaseState::kHandingOver);
    EXPECT_EQ(adverts(pass(100)).size(), 2u);
    claim(LeaseState::kOwner);
    const auto sent = send_due();
    EXPECT_EQ(adverts(sent).size(), 2u);
    EXPECT_EQ(sent[0].priority, 200);
}

TEST_F(AdvertSchedulerTest, AnExpiredLeaseIsResigned) {
    expires_ms_ = now_ms_ + 50;
    claim(LeaseState::kOwner);
    const auto sent = adverts(pass(1000));
    ASSERT_EQ(sent.size(), 2u * 6);  // at 0, 10 .. 40 ms, and at the end
    EXPECT_EQ(sent[9].priority, 200);
    EXPECT_EQ(sent[10].priority, 0);
    EXPECT_EQ(sent[10].at_ms, expires_ms_);
}

TEST_F(AdvertSchedulerTest, AGatewayThatNeverOwnedTheVipsDoesNotResign) {
    claim(LeaseState::kResigned);
    EXPECT_TRUE(pass(100).empty());
}

TEST_F(AdvertSchedulerTest, AGatewayWithAStuckWorkerDoesNotAdvertise) {
    claim(LeaseState::kOwner);
    pass(5);
    EXPECT_TRUE(pass(100, false).empty());
    EXPECT_FALSE(pass(2).empty());
}

TEST_F(AdvertSchedulerTest, ABackupNeedsNoUpdate) {
    claim(LeaseState::kBackup);
    send_due();
    EXPECT_EQ(next_update_ms(), kNever_ms);
}

TEST_F(AdvertSchedulerTest, AnOwnerNeedsAnUpdateWhenTheNextFrameIsDue) {
    claim(LeaseState::kOwner);
    send_due();
    EXPECT_EQ(next_update_ms(), now_ms_ + kInterval_ms);
    for (std::uint64_t until = now_ms_ + 40'000; now_ms_ < until;) {
        const std::uint64_t next_ms = next_update_ms();
        ASSERT_GT(next_ms, now_ms_);
        ASSERT_TRUE(pass(next_ms - now_ms_ - 1).empty());
        ASSERT_FALSE(pass(1).empty());
    }
}

TEST_F(AdvertSchedulerTest, WhileFramesAreLeftTheNextUpdateIsOverdue) {
    claim(LeaseState::kOwner);
    scheduler_.update(world_.tables(), *leases_, now_ms_ * kMs, true);
    std::uint8_t frame[abi::kAdvertBytes];
    ASSERT_TRUE(scheduler_.next(world_.tables(), frame));
    EXPECT_LE(next_update_ms(), now_ms_);
    send_due();
    EXPECT_GT(next_update_ms(), now_ms_);
}

TEST_F(AdvertSchedulerTest, AnOwnerNeedsAnUpdateWhenItsLeaseExpires) {
    expires_ms_ = now_ms_ + 5;
    for (const LeaseState state : {LeaseState::kOwner, LeaseState::kHandingOver}) {
        claim(state);
        send_due();
        EXPECT_EQ(next_update_ms(), expires_ms_);
    }
    pass(5);
    EXPECT_EQ(next_update_ms(), kNever_ms) << "it has resigned";
}

TEST_F(AdvertSchedulerTest, WhileAWorkerIsStuckNoAdvertIsOverdue) {
    claim(LeaseState::kOwner);
    send_due();
    pass(3 * kInterval_ms, false);
    EXPECT_EQ(next_update_ms(), expires_ms_);
}

TEST_F(AdvertSchedulerTest, AdvertsGoBeforeAnnouncements) {
    abi::Generation& generation = world_.generation();
    for (std::uint32_t i = 4; i < 1004; ++i) {
        generation.vips[i] = generation.vips[0];
        ++generation.header.vip_count;
    }
    claim(LeaseState::kOwner);
    scheduler_.update(world_.tables(), *leases_, now_ms_ * kMs, true);
    std::uint8_t frame[abi::kAdvertBytes];
    std::vector<Sent> sent;
    for (int i = 0; i < 500; ++i)
        sent.push_back(decode({frame, scheduler_.next(world_.tables(), frame)->bytes}));
    now_ms_ += kInterval_ms;
    const auto rest = send_due();
    EXPECT_EQ(rest[0].priority, 200);
    EXPECT_EQ(rest[1].priority, 200);
    EXPECT_EQ(announcements(sent) + announcements(rest), 1002u);
}

TEST_F(AdvertSchedulerTest, ANewGenerationLosesNoAnnouncement) {
    claim(LeaseState::kOwner);
    scheduler_.update(world_.tables(), *leases_, now_ms_ * kMs, true);
    std::uint8_t frame[abi::kAdvertBytes];
    for (int i = 0; i < 3; ++i)
        scheduler_.next(world_.tables(), frame);
    ++world_.generation().header.generation;
    EXPECT_EQ(announcements(send_due()), 2u);
}

TEST_F(AdvertSchedulerTest, AChangedMacAddressIsAnnouncedAtOnceLikeATakeover) {
    world_.generation().vips[1].lease = abi::kNoGroup;
    claim(LeaseState::kOwner);
    pass(10'000);
    world_.port().mac.bytes[5] ^= 1;
    std::vector<Sent> sent = pass(1);
    EXPECT_EQ(announcements(sent), 3u) << "two VIPs of the group, one of none";
    EXPECT_TRUE(std::ranges::any_of(
        sent, [&](const Sent& one) { return one.vip == world_.generation().vips[1].address; }));
    EXPECT_EQ(announcements(pass(99)), 0u);
    EXPECT_EQ(announcements(pass(1)), 2u) << "an owner's announcements are repeated";

    claim(LeaseState::kBackup);
    pass(10);
    world_.port().mac.bytes[5] ^= 1;
    EXPECT_EQ(announcements(pass(10)), 1u) << "a backup announces nothing of the group";
}

TEST_F(AdvertSchedulerTest, AMacAddressThatBecomesKnownIsNoChange) {
    world_.generation().vips[1].lease = abi::kNoGroup;
    const MacAddress mac = std::exchange(world_.port().mac, {});
    pass(10);
    world_.port().mac = mac;
    EXPECT_TRUE(pass(10).empty());
}

TEST_F(AdvertSchedulerTest, AVipWhoseGroupCannotRunHereIsNotAnnounced) {
    world_.generation().vips[3].lease = abi::kNeverOwned;
    ++world_.generation().header.generation;
    claim(LeaseState::kOwner);
    std::vector<IpAddress> announced;
    for (const Sent& one : send_due()) {
        if (one.priority < 0)
            announced.push_back(one.vip);
    }
    EXPECT_EQ(announced, std::vector<IpAddress>{sample::ip("10.0.0.100")});
}

TEST_F(AdvertSchedulerTest, AVipThatJoinsIsAnnouncedButOtherChangesAreNot) {
    claim(LeaseState::kOwner);
    pass(10'000);
    ++world_.generation().header.generation;
    EXPECT_EQ(announcements(pass(10)), 0u);
    world_.generation().vips[1].lease = kLease;
    ++world_.generation().header.generation;
    EXPECT_EQ(announcements(pass(10)), 3u);
}

}  // namespace
}  // namespace vipfwd::packet
