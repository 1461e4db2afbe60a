// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/herald.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/dataplane/io/fake_wire.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::io {
namespace {

constexpr std::uint64_t kNow_ns = 1'000'000'000;

// An owner of a group with one peer and `vips` VIPs.
class HeraldTest : public ::testing::Test {
  protected:
    void own(std::uint32_t vips) {
        abi::Generation& generation = world_.generation();
        generation.header.group_count = 1;
        generation.header.advert_count = 1;
        generation.groups[0].advert_interval_ms = 10;
        generation.groups[0].announce_interval_s = 30;
        generation.groups[0].advert_count = 1;
        generation.adverts[0].bytes = 46;
        generation.adverts[0].vrrp_offset = 34;
        for (std::uint32_t i = 0; i < vips; ++i) {
            generation.vips[i].address = packet::sample::ip("10.0.0.100");
            generation.vips[i].lease = 0;
        }
        generation.header.vip_count = vips;
        leases_->groups[0].expires_ns.store(2 * kNow_ns);
        leases_->groups[0].claim.store(
            abi::Claim{.epoch = 1, .state = abi::LeaseState::kOwner, .priority = 100}.pack());
        herald_.look(turn(), *leases_, kNow_ns, true);
    }

    Turn turn() { return {world_.tables(), view_, packet::Moment::from_ms(1000)}; }
    std::size_t sent() { return wire_.sent[10].size(); }

    packet::sample::World world_;
    abi::WorkerCounters counters_{};
    packet::WorkerView view_{&counters_, nullptr, nullptr};
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    FakeWire wire_;
    Transmitter transmitter_{wire_, {{.device = 10}}, 0};
    Herald herald_{wire_, transmitter_};
};

TEST_F(HeraldTest, SaysAllThatIsDueAndCountsIt) {
    own(2);
    herald_.speak(turn());
    EXPECT_EQ(sent(), 3u);
    EXPECT_EQ(counters_.own_frames.read(), 3u);
    EXPECT_EQ(counters_.transmitted_packets.read(), 3u);
    EXPECT_EQ(counters_.transmitted_bytes.read(), 46u + 2 * 60);
    herald_.speak(turn());
    EXPECT_EQ(sent(), 3u);
}

TEST_F(HeraldTest, LetsServicesGoInBetween) {
    own(100);
    herald_.speak(turn());
    EXPECT_EQ(sent(), packet::kBurstSize);
    for (int i = 0; i < 3; ++i)
        herald_.speak(turn());
    EXPECT_EQ(sent(), 101u);
}

TEST_F(HeraldTest, WithoutABufferItTriesLater) {
    own(2);
    wire_.buffers_left = 0;
    herald_.speak(turn());
    EXPECT_EQ(sent(), 0u);
    wire_.buffers_left = 10;
    herald_.speak(turn());
    EXPECT_EQ(sent(), 2u) << "the advert is lost, what follows is not";
}

}  // namespace
}  // namespace vipfwd::io
