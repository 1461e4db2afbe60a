// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/advert_sender.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "dataplane/abi/clock.h"
#include "tests/dataplane/packet/sample.h"
#include "tests/dataplane/path/fake_wire.h"

namespace vipfwd::path {
namespace {

constexpr std::uint64_t kNow_ns = 1'000'000'000;
constexpr abi::HmacKey kKey{{1, 2, 3}};
const std::array<IpAddress, 2> kEnds4 = {packet::sample::ip("10.0.0.1"),
                                         packet::sample::ip("10.0.0.2")};
const std::array<IpAddress, 2> kEnds6 = {packet::sample::ip("fd00::1"),
                                         packet::sample::ip("fd00::2")};

// The gateway owns a group with one peer and `vips` VIPs.
class AdvertSenderTest : public ::testing::Test {
  protected:
    void own(std::uint32_t vips, std::uint32_t epoch = 1) {
        abi::Generation& generation = world_.generation();
        generation.header.group_count = 1;
        generation.header.advert_count = 1;
        generation.groups[0].advert_interval_ms = 10;
        generation.groups[0].announce_interval_s = 30;
        generation.groups[0].advert_count = 1;
        if (generation.groups[0].auth == 0) {
            generation.adverts[0].bytes = 46;
            generation.adverts[0].vrrp_offset = 34;
        }
        for (std::uint32_t i = 0; i < vips; ++i) {
            generation.vips[i].address = packet::sample::ip("10.0.0.100");
            generation.vips[i].lease = 0;
        }
        generation.header.vip_count = vips;
        leases_->groups[0].expires_ns.store(2 * kNow_ns);
        leases_->groups[0].claim.store(
            abi::Claim{.epoch = epoch, .state = abi::LeaseState::kOwner, .priority = 100}.pack());
        advert_sender_.update(context(), *leases_, kNow_ns, true);
    }

    // Gives the group a key. The MAC covers the addresses in front of the VRRP message.
    void give_key(abi::AdvertAuth family) {
        abi::Generation& generation = world_.generation();
        generation.groups[0].auth = static_cast<std::uint8_t>(family);
        generation.groups[0].auth_key = kKey;
        abi::AdvertEntry& advert = generation.adverts[0];
        const bool v4 = family == abi::AdvertAuth::kIpv4;
        advert.vrrp_offset = static_cast<std::uint16_t>(14 + (v4 ? 20 : 40));
        advert.bytes = static_cast<std::uint16_t>(advert.vrrp_offset + 12 + abi::kAuthTrailerBytes);
        std::uint8_t* ends = advert.frame + advert.vrrp_offset - (v4 ? 8 : 32);
        for (const IpAddress& end : v4 ? kEnds4 : kEnds6) {
            const std::size_t size = v4 ? 4 : 16;
            std::memcpy(ends, end.bytes.data() + 16 - size, size);
            ends += size;
        }
    }
    // The sequence number of the last advert, if its MAC is correct.
    std::optional<std::uint64_t> verified(const std::array<IpAddress, 2>& ends) {
        const auto frame = wire_.sent[10].back()->bytes();
        return abi::AdvertSigner().verify(frame.subspan(world_.generation().adverts[0].vrrp_offset),
                                          ends[0], ends[1], kKey);
    }

    WorkerContext context() {
        return {world_.tables(), view_,           packet::Moment::from_ms(1000),
                leases_.get(),   last_sequences_, conflicts_.get()};
    }
    std::size_t sent() { return wire_.sent[10].size(); }

    packet::sample::World world_;
    abi::WorkerCounters counters_{};
    packet::RegionCounters view_{&counters_, nullptr, nullptr};
    abi::SharedWord last_sequences_[abi::kMaxGroups];
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    std::unique_ptr<abi::ConflictLog[]> conflicts_ =
        std::make_unique<abi::ConflictLog[]>(abi::kMaxWorkers);
    FakeWire wire_;
    Transmitter transmitter_{wire_, {{.device = 10}}, 0};
    AdvertSender advert_sender_{wire_, transmitter_};
};

TEST_F(AdvertSenderTest, SendsAndCountsAllFramesThatAreDue) {
    own(2);
    advert_sender_.send_due(context());
    EXPECT_EQ(sent(), 3u);
    EXPECT_EQ(counters_.own_frames.read(), 3u);
    EXPECT_EQ(counters_.transmitted_packets.read(), 3u);
    EXPECT_EQ(counters_.transmitted_bytes.read(), 46u + 2 * 60);
    advert_sender_.send_due(context());
    EXPECT_EQ(sent(), 3u);
}

TEST_F(AdvertSenderTest, SendsAtMostOneBurstAtATime) {
    own(100);
    advert_sender_.send_due(context());
    EXPECT_EQ(sent(), packet::kBurstSize);
    for (int i = 0; i < 3; ++i)
        advert_sender_.send_due(context());
    EXPECT_EQ(sent(), 101u);
}

TEST_F(AdvertSenderTest, WithoutAFreeBufferItTriesAgain) {
    own(2);
    wire_.buffers_left = 0;
    advert_sender_.send_due(context());
    EXPECT_EQ(sent(), 0u);
    wire_.buffers_left = 10;
    advert_sender_.send_due(context());
    EXPECT_EQ(sent(), 2u) << "the advert is lost, later frames are not";
}

TEST_F(AdvertSenderTest, DefendsAVipThatAnyWorkerSawInUseElsewhere) {
    own(1);
    advert_sender_.send_due(context());
    const std::size_t before = sent();
    world_.rebuild();
    conflicts_[7].write({.vip = packet::sample::ip("10.0.0.100"), .at_ns = kNow_ns});
    advert_sender_.update(context(), *leases_, kNow_ns, true);
    advert_sender_.send_due(context());
    EXPECT_EQ(sent(), before);
    leases_->groups[0].expires_ns.store(10 * kNow_ns);
    advert_sender_.update(context(), *leases_, kNow_ns + abi::kConflictDelay_ns, true);
    advert_sender_.send_due(context());
    std::size_t announced = 0;
    for (std::size_t i = before; i < sent(); ++i)
        announced += wire_.sent[10][i]->bytes().size() == 60 ? 1 : 0;
    EXPECT_GE(announced, 1u);
}

TEST_F(AdvertSenderTest, SignsTheAdvertsOfAGroupWithAKey) {
    std::uint32_t epoch = 0;
    for (const auto family : {abi::AdvertAuth::kIpv4, abi::AdvertAuth::kIpv6}) {
        give_key(family);
        own(0, ++epoch);
        const auto before = static_cast<std::uint64_t>(clock_ns(CLOCK_REALTIME));
        advert_sender_.send_due(context());
        const auto sequence = verified(family == abi::AdvertAuth::kIpv4 ? kEnds4 : kEnds6);
        ASSERT_TRUE(sequence);
        EXPECT_GE(*sequence, before);
        EXPECT_EQ(last_sequences_[0].load(), *sequence);
        EXPECT_EQ(wire_.sent[10].back()->bytes()[world_.generation().adverts[0].vrrp_offset + 2],
                  100)
            << "the MAC covers the priority that was written";
    }
}

TEST_F(AdvertSenderTest, SequenceNumbersRiseEvenIfTheClockGoesBack) {
    const std::uint64_t future = std::uint64_t{1} << 62;
    give_key(abi::AdvertAuth::kIpv4);
    own(0);
    last_sequences_[0].store(future);
    advert_sender_.send_due(context());
    EXPECT_EQ(verified(kEnds4), future + 1);
    leases_->groups[0].last_sequence.store(future + 10);
    own(0, 2);
    advert_sender_.send_due(context());
    EXPECT_EQ(verified(kEnds4), future + 11) << "above the sequence that control used";
}

}  // namespace
}  // namespace vipfwd::path
