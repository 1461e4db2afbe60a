// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/advert_scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "dataplane/packet/announce.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

using abi::Claim;
using abi::LeaseState;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint16_t kLease = 3;
constexpr std::uint32_t kVrrpOffset = 34;
constexpr std::uint32_t kInterval_ms = 10;

// What was said: the priority of an advert, or a VIP.
struct Said {
    int priority = -1;
    IpAddress vip;
    std::uint64_t at_ms = 0;
};

// One group with two peers, and of the sample's VIPs 10.0.0.100 and fd00::100.
class SpeakerTest : public ::testing::Test {
  protected:
    SpeakerTest() {
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

    // What is said at this moment.
    std::vector<Said> look(bool healthy = true) {
        scheduler_.update(world_.tables(), *leases_, now_ms_ * kMs, healthy);
        std::vector<Said> all;
        std::uint8_t frame[abi::kAdvertBytes];
        while (const auto speech = scheduler_.next(world_.tables(), frame)) {
            EXPECT_EQ(speech->port, 0);
            all.push_back(understand({frame, speech->bytes}));
        }
        return all;
    }
    // In so many milliseconds, looked at every one.
    std::vector<Said> pass(std::uint64_t ms, bool healthy = true) {
        std::vector<Said> all;
        for (std::uint64_t i = 0; i < ms; ++i) {
            ++now_ms_;
            const auto said = look(healthy);
            all.insert(all.end(), said.begin(), said.end());
        }
        return all;
    }

    Said understand(std::span<const std::uint8_t> frame) const {
        const auto ethernet = load<EthernetHeader>(frame, 0);
        Said said{.priority = -1, .vip = {}, .at_ms = now_ms_};
        if (ethernet.type.host() == kEtherTypeArp)
            said.vip =
                IpAddress::from_v4(std::bit_cast<Be32>(load<ArpPacket>(frame, 14).target_ip));
        else if (ethernet.type.host() == kEtherTypeIpv6)
            said.vip = load<Advertisement>(frame, 14).message.target;
        else
            said.priority = priority_of(frame.subspan(kVrrpOffset));
        return said;
    }
    static int priority_of(std::span<const std::uint8_t> vrrp) {
        EXPECT_EQ(internet_sum(vrrp), 0xffff);
        return vrrp[2];
    }

    static std::vector<Said> adverts(const std::vector<Said>& all) {
        std::vector<Said> some;
        std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                     [](const Said& said) { return said.priority >= 0; });
        return some;
    }
    static std::size_t announcements(const std::vector<Said>& all) {
        return all.size() - adverts(all).size();
    }

    sample::World world_;
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    Claim claim_;
    std::uint64_t now_ms_ = 1'000'000;
    std::uint64_t expires_ms_ = 1'000'000'000;
    AdvertScheduler scheduler_;
};

TEST_F(SpeakerTest, ABackupIsSilent) {
    EXPECT_TRUE(pass(100).empty());
    claim(LeaseState::kBackup);
    EXPECT_TRUE(pass(100).empty());
}

TEST_F(SpeakerTest, ANewOwnerAdvertisesToEachPeerAndThenAnnouncesItsVips) {
    claim(LeaseState::kOwner);
    const auto said = look();
    ASSERT_EQ(said.size(), 4u);
    EXPECT_EQ(said[0].priority, 200);
    EXPECT_EQ(said[1].priority, 200);
    EXPECT_EQ(said[2].vip, sample::ip("10.0.0.100"));
    EXPECT_EQ(said[3].vip, sample::ip("fd00::100"));
}

TEST_F(SpeakerTest, AnOwnerAdvertisesOnceAnInterval) {
    claim(LeaseState::kOwner);
    look();
    const auto said = adverts(pass(100 * kInterval_ms));
    ASSERT_EQ(said.size(), 2u * 100);
    for (std::size_t i = 2; i < said.size(); i += 2)
        EXPECT_EQ(said[i].at_ms - said[i - 2].at_ms, kInterval_ms);
}

TEST_F(SpeakerTest, AfterAPauseAdvertsDoNotComeInARow) {
    claim(LeaseState::kOwner);
    look();
    now_ms_ += 10 * kInterval_ms + 5;
    EXPECT_EQ(adverts(look()).size(), 2u);
    EXPECT_TRUE(adverts(pass(kInterval_ms - 1)).empty());
    EXPECT_EQ(adverts(pass(1)).size(), 2u);
}

TEST_F(SpeakerTest, ANewEpochIsAnAdvertOutOfTurnWithItsPriority) {
    claim(LeaseState::kOwner);
    pass(5);
    claim(LeaseState::kOwner, 150);
    const auto said = adverts(look());
    ASSERT_EQ(said.size(), 2u);
    EXPECT_EQ(said[0].priority, 150);
}

TEST_F(SpeakerTest, AnnouncementsAreRepeatedAndThenRefreshed) {
    claim(LeaseState::kOwner);
    std::vector<std::uint64_t> rounds_ms;
    const std::uint64_t start_ms = now_ms_;
    for (const Said& said : pass(70'000)) {
        if (said.priority < 0 && said.vip.is_v4())
            rounds_ms.push_back(said.at_ms - start_ms - 1);
    }
    EXPECT_EQ(rounds_ms, (std::vector<std::uint64_t>{0, 100, 1100, 6100, 36'100, 66'100}));
}

TEST_F(SpeakerTest, AnnouncesAgainWhenAskedButNotWithoutEnd) {
    claim(LeaseState::kOwner);
    pass(10'000);
    ++claim_.announcement;
    store_claim();
    EXPECT_EQ(announcements(look()), 2u);
    std::size_t count = 0;
    for (int i = 0; i < 1000; ++i) {
        ++claim_.announcement;
        store_claim();
        count += announcements(pass(1));
    }
    EXPECT_EQ(count, 2u * 10) << "one round in 100 ms";
}

TEST_F(SpeakerTest, WhoLosesAnElectionAdvertisesOnceMoreAndFallsSilent) {
    claim(LeaseState::kOwner);
    pass(5);
    claim(LeaseState::kBackup);
    const auto said = pass(10'000);
    ASSERT_EQ(said.size(), 2u) << "each peer";
    EXPECT_EQ(said[0].priority, 200);
    EXPECT_EQ(said[1].priority, 200);
}

TEST_F(SpeakerTest, WhoResignsSaysSoOnce) {
    claim(LeaseState::kOwner);
    pass(5);
    claim(LeaseState::kResigned);
    const auto said = pass(100);
    ASSERT_EQ(said.size(), 2u) << "each peer";
    EXPECT_EQ(said[0].priority, 0);
    EXPECT_EQ(said[1].priority, 0);
}

TEST_F(SpeakerTest, AHandoverIsSaidOnceAndCanBeTakenBack) {
    claim(LeaseState::kOwner);
    pass(5);
    claim(LeaseState::kHandingOver);
    EXPECT_EQ(adverts(pass(100)).size(), 2u);
    claim(LeaseState::kOwner);
    const auto said = look();
    EXPECT_EQ(adverts(said).size(), 2u);
    EXPECT_EQ(said[0].priority, 200);
}

TEST_F(SpeakerTest, ALeaseThatRanOutIsResigned) {
    expires_ms_ = now_ms_ + 50;
    claim(LeaseState::kOwner);
    const auto said = adverts(pass(1000));
    ASSERT_EQ(said.size(), 2u * 6);  // 0, 10 .. 40, and then
    EXPECT_EQ(said[9].priority, 200);
    EXPECT_EQ(said[10].priority, 0);
    EXPECT_EQ(said[10].at_ms, expires_ms_);
}

TEST_F(SpeakerTest, WhoWasNeverAnOwnerHasNothingToResign) {
    claim(LeaseState::kResigned);
    EXPECT_TRUE(pass(100).empty());
}

TEST_F(SpeakerTest, AGatewayWithAStuckWorkerDoesNotAdvertise) {
    claim(LeaseState::kOwner);
    pass(5);
    EXPECT_TRUE(pass(100, false).empty());
    EXPECT_FALSE(pass(2).empty());
}

TEST_F(SpeakerTest, AdvertsGoBeforeAnnouncements) {
    abi::Generation& generation = world_.generation();
    for (std::uint32_t i = 4; i < 1004; ++i) {
        generation.vips[i] = generation.vips[0];
        ++generation.header.vip_count;
    }
    claim(LeaseState::kOwner);
    scheduler_.update(world_.tables(), *leases_, now_ms_ * kMs, true);
    std::uint8_t frame[abi::kAdvertBytes];
    std::vector<Said> said;
    for (int i = 0; i < 500; ++i)
        said.push_back(understand({frame, scheduler_.next(world_.tables(), frame)->bytes}));
    now_ms_ += kInterval_ms;
    const auto rest = look();
    EXPECT_EQ(rest[0].priority, 200);
    EXPECT_EQ(rest[1].priority, 200);
    EXPECT_EQ(announcements(said) + announcements(rest), 1002u);
}

TEST_F(SpeakerTest, ANewGenerationLosesNoAnnouncement) {
    claim(LeaseState::kOwner);
    scheduler_.update(world_.tables(), *leases_, now_ms_ * kMs, true);
    std::uint8_t frame[abi::kAdvertBytes];
    for (int i = 0; i < 3; ++i)
        scheduler_.next(world_.tables(), frame);
    ++world_.generation().header.generation;
    EXPECT_EQ(announcements(look()), 2u);
}

TEST_F(SpeakerTest, AVipThatJoinsIsAnnouncedAndOtherNewsIsNot) {
    claim(LeaseState::kOwner);
    pass(10'000);
    ++world_.generation().header.generation;
    EXPECT_EQ(announcements(pass(10)), 0u);
    world_.generation().vips[1].lease = kLease;
    ++world_.generation().header.generation;
    EXPECT_EQ(announcements(pass(10)), 3u);
}

TEST(AnnouncementTest, CarriesThePortsTags) {
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
