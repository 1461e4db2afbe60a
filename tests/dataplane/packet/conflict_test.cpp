// SPDX-License-Identifier: Apache-2.0
// Other hosts that use a VIP of the gateway. In the sample, 10.0.0.100 and fd00::100 are always
// owned, and 10.0.0.102 is not.
#include "dataplane/packet/conflict.h"

#include <string>

#include "dataplane/abi/address_text.h"
#include "tests/dataplane/packet/neighbor_sample.h"
#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

using sample::advertisement;
using sample::arp;
using sample::solicitation;

constexpr MacAddress kOtherHost{{2, 0, 0, 0, 0, 0x77}};

class ConflictTest : public PipelineFixture {
  protected:
    // "uses 10.0.0.100", or nothing.
    std::string noted(const Bytes& frame) {
        state_->conflicts.count = 0;
        send(frame);
        if (state_->conflicts.count == 0)
            return "";
        EXPECT_EQ(state_->conflicts.count, 1u);
        const abi::AddressConflict& one = state_->conflicts.all[0];
        EXPECT_EQ(one.sender, sender_);
        EXPECT_EQ(one.port, 0);
        EXPECT_EQ(one.at_ns, now_ms_ * kNanosecondsPerMs);
        return (one.kind == abi::ConflictKind::kUses ? "uses " : "probes ") + to_string(one.vip);
    }
    static Bytes from(Bytes frame, const MacAddress& source) {
        store(frame.data() + sizeof(MacAddress), source);
        return frame;
    }

    MacAddress sender_ = sample::kClientMac;
};

TEST_F(ConflictTest, ArpIsJudgedByItsSenderAddress) {
    for (const std::uint16_t operation : {kArpOperationRequest, kArpOperationReply}) {
        EXPECT_EQ(noted(arp(operation, "10.0.0.100", "10.0.0.100")), "uses 10.0.0.100")
            << "gratuitous";
        EXPECT_EQ(noted(arp(operation, "10.0.0.100", "10.0.0.50")), "uses 10.0.0.100");
        EXPECT_EQ(noted(arp(operation, "10.0.0.50", "10.0.0.100")), "");
        EXPECT_EQ(noted(arp(operation, "10.0.0.50", "10.0.0.51")), "");
    }
    EXPECT_EQ(noted(arp(8, "10.0.0.100", "10.0.0.100")), "") << "not ARP's operation";
    Bytes cut = arp(kArpOperationReply, "10.0.0.100", "10.0.0.100");
    cut.resize(40);
    EXPECT_EQ(noted(cut), "");
}

TEST_F(ConflictTest, AProbeIsJudgedByItsTargetIfItIsBroadcast) {
    Bytes probe = arp(kArpOperationRequest, "0.0.0.0", "10.0.0.100");
    EXPECT_EQ(noted(probe), "probes 10.0.0.100");
    store(probe.data(), sample::kPortMac);
    EXPECT_EQ(noted(probe), "") << "a switch that polls its hosts";
    EXPECT_EQ(noted(arp(kArpOperationRequest, "0.0.0.0", "10.0.0.9")), "");
}

TEST_F(ConflictTest, NeighborAdvertisementsAreJudgedByTheirTarget) {
    EXPECT_EQ(noted(advertisement()), "uses fd00::100");
    EXPECT_EQ(noted(advertisement({.target = "fd00::9"})), "");
    EXPECT_EQ(noted(advertisement({.source = "fd00::50",
                                   .destination = "fd00::100",
                                   .destination_mac = sample::kPortMac})),
              "uses fd00::100")
        << "an answer to the VIP";
    sender_ = kOtherHost;
    EXPECT_EQ(noted(advertisement({.link = kOtherHost})), "uses fd00::100") << "proxied";
}

TEST_F(ConflictTest, AnInvalidAdvertisementIsNone) {
    EXPECT_EQ(noted(advertisement({.hop_limit = 254})), "");
    EXPECT_EQ(noted(advertisement({.code = 1})), "");
    Bytes wrong = advertisement();
    wrong.back() ^= 1;
    EXPECT_EQ(noted(wrong), "") << "checksum";
    Bytes cut = advertisement();
    cut.resize(cut.size() - 8);
    EXPECT_EQ(noted(cut), "");
}

TEST_F(ConflictTest, AnAdvertisementWithoutOptionIsFromTheFramesSender) {
    Bytes bare = advertisement();
    bare.resize(bare.size() - 8);
    store(bare.data() + 18, Be16::from_host(24));
    sample::seal_icmpv6(bare);
    EXPECT_EQ(noted(bare), "uses fd00::100");
}

TEST_F(ConflictTest, SolicitationsAreJudgedByTheirSourceOrAsProbes) {
    EXPECT_EQ(noted(solicitation()), "");
    EXPECT_EQ(noted(solicitation({.source = "::", .has_link_option = false})), "probes fd00::100");
    EXPECT_EQ(noted(solicitation(
                  {.source = "fd00::100", .destination = "ff02::1:ff00:50", .target = "fd00::50"})),
              "uses fd00::100");
    EXPECT_EQ(noted(solicitation({.source = "::", .has_link_option = true})), "") << "malformed";
}

TEST_F(ConflictTest, OwnFramesThatComeBackAreNone) {
    const MacAddress other_port{{2, 0, 0, 0, 0, 9}};
    world_.generation().header.port_count = 2;
    world_.port(1).mac = other_port;
    for (const MacAddress& own : {sample::kPortMac, other_port}) {
        Bytes request = from(arp(kArpOperationRequest, "10.0.0.100", "10.0.0.100"), own);
        EXPECT_EQ(noted(request), "") << "behind something that answers for others";
        store(request.data() + 14 + 8, own);
        EXPECT_EQ(noted(request), "");
        EXPECT_EQ(noted(from(advertisement({.link = own}), own)), "");
    }
}

TEST_F(ConflictTest, OnlyFramesWithTheTagsOfThePortCount) {
    const Bytes request = arp(kArpOperationReply, "10.0.0.100", "10.0.0.100");
    EXPECT_EQ(noted(sample::tagged(request, {{kEtherTypeVlan, 0}})), "uses 10.0.0.100");
    EXPECT_EQ(noted(sample::tagged(request, {{kEtherTypeVlan, 100}})), "");
    world_.port().vlan = 100;
    EXPECT_EQ(noted(sample::tagged(request, {{kEtherTypeVlan, 100}})), "uses 10.0.0.100");
    EXPECT_EQ(noted(request), "") << "another network";
    EXPECT_EQ(noted(sample::tagged(request, {{kEtherTypeVlan, 101}})), "");
}

TEST_F(ConflictTest, OfAVipThatIsNotOwnedThereIsNone) {
    EXPECT_EQ(noted(arp(kArpOperationReply, "10.0.0.102", "10.0.0.102")), "");
    world_.generation().vips[0].lease = abi::kNeverOwned;
    EXPECT_EQ(noted(arp(kArpOperationReply, "10.0.0.100", "10.0.0.100")), "");
}

// A VIP of a group: a conflict only between the times when it comes and goes.
TEST_F(ConflictTest, AFormerOrNextOwnerIsNone) {
    constexpr std::uint16_t kGroupLease = 5;
    abi::Generation& generation = world_.generation();
    generation.header.group_count = 1;
    generation.groups[0].lease = kGroupLease;
    generation.vips[0].lease = kGroupLease;
    const auto leases = std::make_unique<abi::LeaseArea>();
    const auto claim = [&](abi::LeaseState state) {
        leases->groups[kGroupLease].claim.store(abi::Claim{.state = state}.pack());
        leases->groups[kGroupLease].expires_ns.store(UINT64_MAX);
    };
    const auto seen = [&] {
        state_->ownership.update(generation, *leases, now_ms_ * kNanosecondsPerMs);
        return noted(arp(kArpOperationRequest, "10.0.0.100", "10.0.0.100"));
    };
    claim(abi::LeaseState::kBackup);
    EXPECT_EQ(seen(), "");
    claim(abi::LeaseState::kOwner);
    EXPECT_EQ(seen(), "") << "the last answers of the former owner";
    now_ms_ += abi::kFormerOwner_ns / kNanosecondsPerMs - 1;
    EXPECT_EQ(seen(), "");
    ++now_ms_;
    EXPECT_EQ(seen(), "uses 10.0.0.100");
    claim(abi::LeaseState::kHandingOver);
    EXPECT_EQ(seen(), "") << "the next owner announces it";
}

TEST_F(ConflictTest, ABurstHasAFewNotesAndNoneOfTheBurstBefore) {
    sample::Buffer buffer(arp(kArpOperationReply, "10.0.0.100", "10.0.0.100"));
    auto burst = std::make_unique<Burst>();
    burst->count = 8;
    burst->frames.fill(buffer.frame());
    process(world_.tables(), *state_, Moment::from_ms(now_ms_), *burst);
    EXPECT_EQ(state_->conflicts.count, state_->conflicts.all.size());
    send(arp(kArpOperationReply, "10.0.0.50", "10.0.0.100"));
    EXPECT_EQ(state_->conflicts.count, 0u);
}

}  // namespace
}  // namespace vipfwd::packet
