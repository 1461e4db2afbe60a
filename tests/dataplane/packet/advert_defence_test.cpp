// SPDX-License-Identifier: Apache-2.0
// AdvertScheduler::note_conflict().
#include <string>

#include "tests/dataplane/packet/advert_fixture.h"

namespace vipfwd::packet {
namespace {

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
