// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/track.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/flow_rules.h"
#include "dataplane/packet/match.h"
#include "dataplane/packet/parse.h"
#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

using sample::Bytes;
using sample::Spec;

using TrackTest = PipelineFixture;

TEST_F(TrackTest, AnEstablishedFlowStaysWhenTheRingChanges) {
    fill_ring(0, 0);
    EXPECT_EQ(backend_of({}), 0u);
    EXPECT_EQ(backend_of(ack()), 0u);
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(ack()), 0u);
    EXPECT_EQ(counts_.hits, 1u);
    Spec fin = ack();
    fin.tcp_flags = kTcpFin | kTcpAck;
    EXPECT_EQ(backend_of(fin), 0u);
    EXPECT_EQ(backend_of(ack()), 0u) << "after its FIN, too";
}

TEST_F(TrackTest, ADrainingBackendKeepsItsFlowsAndARetiredOneLosesThem) {
    fill_ring(0, 0);
    backend_of({});
    fill_ring(0, 1);
    world_.generation().backends[0].state = static_cast<std::uint8_t>(abi::BackendState::kDraining);
    EXPECT_EQ(backend_of(ack()), 0u);
    world_.generation().backends[0].state = static_cast<std::uint8_t>(abi::BackendState::kRetired);
    EXPECT_EQ(backend_of(ack()), 1u);
    world_.generation().backends[0].state = static_cast<std::uint8_t>(abi::BackendState::kServing);
    EXPECT_EQ(backend_of(ack()), 1u) << "it was pinned to another backend";
}

TEST_F(TrackTest, APacketOfAnUnknownFlowIsPinnedByTheRingAndCounted) {
    fill_ring(0, 2);
    EXPECT_EQ(backend_of(ack()), 2u);
    EXPECT_EQ(counts_.missed, 1u);
    EXPECT_EQ(counts_.inserts, 1u);
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(ack()), 2u);
    EXPECT_EQ(counts_.missed, 0u);
}

TEST_F(TrackTest, UdpFlowsArePinnedToo) {
    Spec query{.protocol = kIpProtocolUdp, .destination_port = 53};
    fill_ring(1, 0);
    EXPECT_EQ(backend_of(query), 0u);
    EXPECT_EQ(counts_.missed, 0u);
    fill_ring(1, 1);
    EXPECT_EQ(backend_of(query), 0u);
}

TEST_F(TrackTest, PacketsThatNoTcpSendsPinNothing) {
    for (const unsigned flags : {0u, unsigned{kTcpSyn | kTcpFin}, unsigned{kTcpRst},
                                 unsigned{kTcpRst | kTcpAck}, unsigned{kTcpFin}, 0x29u}) {
        Spec spec;
        spec.tcp_flags = static_cast<std::uint8_t>(flags);
        EXPECT_EQ(send(spec).packet.action, Action::kForward) << flags;
        EXPECT_EQ(counts_.inserts, 0u) << flags;
    }
}

class TrackBudgetTest : public PipelineFixture {
  protected:
    TrackBudgetTest() {
        world_.generation().header.new_flows_per_s = 40;
        world_.generation().header.service_share_percent = 10;
        buckets_.resize(64);  // 512 entries, 51 of each service
        state_->flows = FlowTable(buckets_);
        unpinned_.resize(1 << 16);
        state_->unpinned = UnpinnedFlows(unpinned_);
    }
    // Sends a packet of that many flows. Returns how many were pinned.
    std::uint32_t pinned(std::uint32_t flows, std::uint8_t flags, std::uint16_t first_port) {
        std::uint32_t sum = 0;
        Spec spec;
        spec.tcp_flags = flags;
        for (std::uint32_t i = 0; i < flows; ++i) {
            spec.source_port = static_cast<std::uint16_t>(first_port + i);
            EXPECT_EQ(send(spec).packet.action, Action::kForward);
            EXPECT_LE(counts_.inserts + counts_.over_budget, 1u);
            sum += counts_.inserts;
        }
        return sum;
    }
};

TEST_F(TrackBudgetTest, ABurstMayExceedTheRateWhileTheTableHasRoom) {
    EXPECT_EQ(pinned(51, kTcpSyn, 1), 51u) << "the share of the service";
    EXPECT_EQ(pinned(100, kTcpSyn, 101), 5u) << "the budget for SYNs";
    EXPECT_EQ(counts_.over_budget, 1u);
    send(Spec{.protocol = kIpProtocolUdp, .destination_port = 53});
    EXPECT_EQ(counts_.inserts, 1u) << "another service has a share and a budget of its own";
    EXPECT_EQ(pinned(51, kTcpSyn, 1), 0u);
    EXPECT_EQ(counts_.over_budget, 0u) << "a known flow uses no budget";
}

TEST_F(TrackBudgetTest, WhatProvesMoreIsPinnedInAFlood) {
    pinned(51, kTcpSyn, 1);
    pinned(200, kTcpSyn, 1000);
    pinned(200, kTcpAck, 2000);
    EXPECT_EQ(pinned(5, kTcpSyn, 3000), 0u) << "as the SYNs before";
    EXPECT_EQ(pinned(5, kTcpAck, 4000), 0u) << "as the other packets before";
    EXPECT_EQ(pinned(5, kTcpAck, 3000), 5u) << "they complete a handshake";
    EXPECT_EQ(pinned(200, kTcpAck, 1010), 5u) << "forged handshakes take their budget";
    EXPECT_EQ(pinned(5, kTcpSyn, 5000), 0u);
    EXPECT_EQ(pinned(5, kTcpAck, 5000), 0u);
    now_ms_ += 1000;
    pinned(500, kTcpSyn, 6000);
    pinned(500, kTcpAck, 6000);
    EXPECT_EQ(pinned(5, kTcpAck, 5000), 5u) << "they have lasted for a second";
}

TEST_F(TrackBudgetTest, WithoutALimitEveryFlowIsPinned) {
    world_.generation().header.new_flows_per_s = 0;
    EXPECT_EQ(pinned(2000, kTcpSyn, 1), 2000u);
}

TEST_F(TrackTest, FlowsOfALargeTableKeepTheirBackendsToo) {
    std::vector<FlowBucket> buckets(std::size_t{1} << 19);
    state_->flows = FlowTable(buckets);
    const FlowAge age(world_.tables().generation.header.timeouts, Moment::from_ms(now_ms_).s);
    std::mt19937_64 random(1);
    while (!state_->flows.is_large())
        state_->flows.insert(state_->flows.place(random(), 0), 0, FlowState::kEstablished, age);
    for (std::uint16_t index = 0; index < 3; ++index) {
        fill_ring(0, index);
        Spec flow = ack();
        flow.source_port = index;
        EXPECT_EQ(backend_of(flow), index);
    }
    for (std::uint16_t index = 0; index < 3; ++index) {
        Spec flow = ack();
        flow.source_port = index;
        EXPECT_EQ(backend_of(flow), index);
        EXPECT_EQ(counts_.hits, 1u);
    }
}

TEST_F(TrackTest, AServiceThatStopsPinningIgnoresTheFlowsItHasPinned) {
    fill_ring(0, 0);
    EXPECT_EQ(backend_of(ack()), 0u);
    world_.generation().services[0].flags = abi::kServiceRingOnly;
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(ack()), 1u);
}

TEST_F(TrackTest, AServiceWithAnotherPoolHasNoPinnedFlows) {
    fill_ring(0, 2);
    backend_of({});
    world_.generation().services[0].pool = 1;
    fill_ring(1, 0);
    EXPECT_EQ(backend_of(ack()), 0u);
    EXPECT_EQ(counts_.missed, 1u);
}

// One bucket with random backends forces collisions. Whatever the table says, the packet stays in
// the pool of its service.
TEST_F(TrackTest, ATagCollisionNeverSendsAPacketToAnotherServicesBackend) {
    buckets_.resize(1);
    state_->flows = FlowTable(buckets_);
    std::mt19937 random(5);
    for (int i = 0; i < 20'000; ++i) {
        for (FlowEntry& entry : buckets_[0].entries) {
            if (random() % 4 == 0)
                entry.backend = static_cast<std::uint16_t>(random());
        }
        Spec spec = ack();
        spec.source_port = static_cast<std::uint16_t>(1 + random() % 12);
        if (random() % 2 == 0) {
            spec.protocol = kIpProtocolUdp;
            spec.destination_port = 53;
        }
        const Packet packet = send(spec).packet;
        ASSERT_EQ(packet.action, Action::kForward);
        const bool is_web = spec.protocol == kIpProtocolTcp;
        ASSERT_EQ(packet.backend < 3, is_web);
        ASSERT_LT(packet.backend, 5u);
    }
}

// Random packets of a few flows, over tables whose backends come and go. FlowTable::peek() is
// another implementation of the lookup, and the expected states are written down here.
class TrackAgreementTest : public PipelineFixture {
  protected:
    static constexpr std::uint32_t kWebBackends = 3;
    static constexpr std::uint8_t kOtherFlags[] = {kTcpSyn,           kTcpSyn, kTcpSyn | kTcpAck, 0,
                                                   kTcpFin | kTcpAck, kTcpRst, kTcpRst | kTcpAck};

    Packet next_packet() {
        Spec spec;
        spec.source_port = static_cast<std::uint16_t>(1 + random_() % 24);
        spec.tcp_flags =
            random_() % 16 != 0 ? kTcpAck : kOtherFlags[random_() % std::size(kOtherFlags)];
        if (random_() % 8 == 0) {
            spec.protocol = kIpProtocolUdp;
            spec.destination_port = 53;
        }
        sample::Buffer buffer(sample::ipv4(spec));
        const Frame frame = buffer.frame();
        Packet packet;
        parse(std::span(&frame, 1), world_.tables(), std::span(&packet, 1));
        match(world_.tables(), Ownership(), std::span(&packet, 1));
        return packet;
    }
    void change_something() {
        if (random_() % 64 == 0)
            now_ms_ += random_() % 40'000;
        if (random_() % 64 == 0) {
            const auto state =
                random_() % 3 == 0 ? abi::BackendState::kRetired : abi::BackendState::kServing;
            world_.generation().backends[random_() % kWebBackends].state =
                static_cast<std::uint8_t>(state);
        }
    }
    bool is_kept(const ServiceView& service, const std::optional<FlowEntry>& entry) const {
        return entry && entry->backend < service.backend_count &&
               !world_.tables().loses_flows[service.backend_base + entry->backend];
    }
    static bool is_initial_syn(const Packet& packet) {
        return packet.protocol == kIpProtocolTcp &&
               (packet.tcp_flags & (kTcpSyn | kTcpAck)) == kTcpSyn;
    }
    static FlowState state_after(const Packet& packet, const FlowEntry& before,
                                 const FlowAge& age) {
        const FlowState state = state_of(before);
        const bool has_lasted = age.idle(before) >= kProofTime;
        if (packet.protocol == kIpProtocolUdp)
            return has_lasted ? FlowState::kUdp : state;
        if (event_of(packet) == FlowEvent::kNothing)
            return state;
        if ((packet.tcp_flags & (kTcpFin | kTcpRst)) != 0)
            return FlowState::kClosing;
        if (state == FlowState::kOpening)
            return FlowState::kYoung;
        return has_lasted ? FlowState::kEstablished : state;
    }
    void pin_to_any(const ServiceView& service, const FlowAge& age, Packet& packet) {
        packet.backend =
            service.backend_base + static_cast<std::uint32_t>(random_() % service.backend_count);
        Packet* const pinned = &packet;
        pin(world_.tables(), *state_, Moment::from_ms(now_ms_), age, std::span(&pinned, 1));
    }

    std::mt19937 random_{1};
};

TEST_F(TrackAgreementTest, TrackCommonAgreesWithTheGeneralLookup) {
    buckets_.resize(16);
    state_->flows = FlowTable(buckets_);
    world_.generation().header.service_share_percent = 100;
    int common = 0;
    int general = 0;
    for (int round = 0; round < 30'000; ++round) {
        change_something();
        Packet packet = next_packet();
        const ServiceView& service = world_.tables().services[packet.service];
        const FlowAge age(sample::kTimeouts, Moment::from_ms(now_ms_).s);
        const FlowPlace place = state_->flows.place(
            abi::flow_hash({packet.source, packet.destination, packet.source_port,
                            packet.destination_port, packet.protocol},
                           world_.generation().header.key),
            service.tag_base);
        const auto before = state_->flows.peek(place, age);
        const bool is_hit = !is_initial_syn(packet) && is_kept(service, before);
        const bool is_common = (packet.tcp_flags & (kTcpSyn | kTcpFin | kTcpRst)) == 0 &&
                               state_->flows.find_common(place, age) != nullptr;

        state_->counts = {};
        const bool all_pinned =
            track(world_.tables(), *state_, Moment::from_ms(now_ms_), age, std::span(&packet, 1));
        ASSERT_EQ(all_pinned, is_hit);
        ASSERT_EQ(state_->counts.hits, is_hit ? 1u : 0u);
        if (!is_hit) {
            ASSERT_EQ(packet.backend, kNone);
            pin_to_any(service, age, packet);
            continue;
        }
        ASSERT_EQ(packet.backend, service.backend_base + before->backend);
        const auto after = state_->flows.peek(place, age);
        ASSERT_TRUE(after);
        ASSERT_EQ(after->backend, before->backend);
        const FlowState state = state_after(packet, *before, age);
        ASSERT_EQ(state_of(*after), state);
        if (is_proven(state) && event_of(packet) != FlowEvent::kNothing) {
            ASSERT_EQ(age.idle(*after), 0u);
        }
        if (is_common) {
            ASSERT_EQ(after->stamp, before->stamp);
        }
        ++(is_common ? common : general);
    }
    EXPECT_GT(common, 3000);
    EXPECT_GT(general, 3000);
}

}  // namespace
}  // namespace vipfwd::packet
