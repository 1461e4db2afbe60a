// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/advert_scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/abi/time_units.h"
#include "dataplane/packet/announce.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

using abi::Claim;
using abi::LeaseState;

constexpr std::uint64_t kMs = kNanosecondsPerMs;
constexpr std::uint16_t kLease = 3;
constexpr std::uint32_t kVrrpOffset = 34;
constexpr std::uint32_t kInterval_ms = 10;

// A frame that was sent: an advert with its priority, or the announcement of a VIP.
struct Sent {
    int priority = -1;
    IpAddress vip;
    std::uint64_t at_ms = 0;
};

// One group with two peers and the VIPs 10.0.0.100 and fd00::100 of the sample.
class AdvertSchedulerTest : public ::testing::Test {
  protected:
    AdvertSchedulerTest() {
        abi::Generation& generation = world_.generation();
        generation.header.group_count = 1;
        generation.header.advert_count = 2;
        abi::GroupEntry& group = generation.groups[0];
        group.lease = kLease;
        group.advert_interval_ms = kInterval_ms;
        group.announce_interval_s = 30;
        group.advert_count = 2;
        for (std::uint32_t i = 0; i < 2; ++i) {
            abi::AdvertEntry& advert = generation.adverts[i];
            advert.bytes = 46;
            advert.vrrp_offset = kVrrpOffset;
            std::uint8_t* const vrrp = advert.frame + kVrrpOffset;
            const std::uint8_t header[] = {0x31, 51, 0, 1, 0, 1, 0, 0, 10, 0, 0, 100};
            std::memcpy(vrrp, header, sizeof header);
            store(vrrp + 6, internet_checksum({vrrp, sizeof header}));
        }
        generation.vips[0].lease = kLease;
        generation.vips[3].lease = kLease;
    }

    void claim(LeaseState state, std::uint8_t priority = 200) {
        claim_.state = state;
        claim_.priority = priority;
        ++claim_.epoch;
        store_claim();
    }
    void store_claim() {
        leases_->groups[kLease].claim.store(claim_.pack());
        leases_->groups[kLease].expires_ns.store(expires_ms_ * kMs);
    }

    // Sends everything that is due now.
    std::vector<Sent> send_due(bool healthy = true) {
        scheduler_.update(world_.tables(), *leases_, now_ms_ * kMs, healthy);
        std::vector<Sent> all;
        std::uint8_t frame[abi::kAdvertBytes];
        while (const auto outgoing = scheduler_.next(world_.tables(), frame)) {
            EXPECT_EQ(outgoing->port, 0);
            all.push_back(decode({frame, outgoing->bytes}));
        }
        return all;
    }
    // Lets that many milliseconds pass, and sends what is due in each of them.
    std::vector<Sent> pass(std::uint64_t ms, bool healthy = true) {
        std::vector<Sent> all;
        for (std::uint64_t i = 0; i < ms; ++i) {
            ++now_ms_;
            const auto sent = send_due(healthy);
            all.insert(all.end(), sent.begin(), sent.end());
        }
        return all;
    }

    Sent decode(std::span<const std::uint8_t> frame) const {
        const auto ethernet = load<EthernetHeader>(frame, 0);
        Sent sent{.priority = -1, .vip = {}, .at_ms = now_ms_};
        if (ethernet.type.host() == kEtherTypeArp)
            sent.vip =
                IpAddress::from_v4(std::bit_cast<Be32>(load<ArpPacket>(frame, 14).target_ip));
        else if (ethernet.type.host() == kEtherTypeIpv6)
            sent.vip = load<Advertisement>(frame, 14).message.target;
        else
            sent.priority = priority_of(frame.subspan(kVrrpOffset));
        return sent;
    }
    static int priority_of(std::span<const std::uint8_t> vrrp) {
        EXPECT_EQ(internet_sum(vrrp), 0xffff);
        return vrrp[2];
    }

    static std::vector<Sent> adverts(const std::vector<Sent>& all) {
        std::vector<Sent> some;
        std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                     [](const Sent& sent) { return sent.priority >= 0; });
        return some;
    }
    static std::size_t announcements(const std::vector<Sent>& all) {
        return all.size() - adverts(all).size();
    }

    sample::World world_;
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    Claim claim_;
    std::uint64_t now_ms_ = 1'000'000;
    std::uint64_t expires_ms_ = 1'000'000'000;
    AdvertScheduler scheduler_;
};

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

// Another host uses VIPs; the sample owns 10.0.0.101 always.
class DefenceTest : public AdvertSchedulerTest {
  protected:
    void note(const char* vip, abi::ConflictKind kind = abi::ConflictKind::kUses,
              std::uint8_t port = 0) {
        scheduler_.note_conflict({.vip = sample::ip(vip),
                                  .sender = {{2, 0, 0, 0, 0, 0x77}},
                                  .port = port,
                                  .kind = kind,
                                  .at_ns = now_ms_ * kMs},
                                 now_ms_ * kMs);
    }
};

TEST_F(DefenceTest, AVipIsAnnouncedAgainAfterADelay) {
    note("10.0.0.101");
    EXPECT_TRUE(pass(abi::kConflictDelay_ns / kMs - 1).empty());
    const auto sent = pass(1);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].vip, sample::ip("10.0.0.101"));
    EXPECT_TRUE(pass(60'000).empty());
}

TEST_F(DefenceTest, TwoStubbornHostsAreNoStorm) {
    std::size_t sent = 0;
    for (int i = 0; i < 100'000; ++i) {
        note("10.0.0.101");
        sent += pass(1).size();
    }
    EXPECT_GE(sent, 9u);
    EXPECT_LE(sent, 10u) << "in 100 s";
}

TEST_F(DefenceTest, ManyVipsAreDefendedAtALimitedRate) {
    for (int i = 0; i < 200; ++i)
        world_.add_vip("10.2.0." + std::to_string(i), true);
    world_.rebuild();
    for (int i = 0; i < 200; ++i)
        note(("10.2.0." + std::to_string(i)).c_str());
    EXPECT_EQ(pass(10'000).size(), 16u);
}

TEST_F(DefenceTest, AVipThatHasLeftMeanwhileIsNotDefended) {
    claim(LeaseState::kOwner);
    pass(10'000);
    note("10.0.0.100");
    claim(LeaseState::kBackup);
    pass(1);
    EXPECT_EQ(announcements(pass(5000)), 0u) << "the other host was the next owner";
    claim(LeaseState::kOwner);
    pass(10'000);
    note("10.0.0.100");
    EXPECT_EQ(announcements(pass(5000)), 1u);
}

TEST_F(DefenceTest, AProbeWasAnsweredAndAnOldConflictIsOfAFormerDataplane) {
    note("10.0.0.101", abi::ConflictKind::kProbes);
    note("10.0.0.101", abi::ConflictKind::kUses, 5);
    scheduler_.note_conflict({.vip = sample::ip("10.0.0.101"), .at_ns = (now_ms_ - 5000) * kMs},
                             now_ms_ * kMs);
    EXPECT_TRUE(pass(5000).empty()) << "nor is there a port 5";
}

TEST_F(DefenceTest, AdvertsGoFirst) {
    claim(LeaseState::kOwner);
    pass(10'000);
    note("10.0.0.101");
    const auto sent = pass(abi::kConflictDelay_ns / kMs);
    EXPECT_EQ(announcements(sent), 1u);
    EXPECT_EQ(adverts(sent).size(), 2 * abi::kConflictDelay_ns / kMs / kInterval_ms);
}

TEST(AnnouncementTest, HasTheTagsOfThePort) {
    PortView port;
    port.mac = sample::kPortMac;
    port.vlan = 100;
    port.outer_vlan = 200;
    std::uint8_t frame[kAnnouncementBytes];
    EXPECT_EQ(write_announcement(port, sample::ip("fd00::100"), frame), kAnnouncementBytes);
    EXPECT_EQ(load<EthernetHeader>(frame, 0).type.host(), kEtherTypeServiceVlan);
    EXPECT_EQ(load<Ipv6Header>(frame, 22).destination, kAllNodes);
    EXPECT_EQ(write_announcement(port, sample::ip("10.0.0.100"), frame), 60u);
    EXPECT_EQ(load<ArpPacket>(frame, 22).sender_mac, sample::kPortMac);
}

}  // namespace
}  // namespace vipfwd::packet
