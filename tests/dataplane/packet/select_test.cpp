// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/select.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "dataplane/abi/ring_slot.h"
#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

using sample::Spec;

class SelectTest : public PipelineFixture {
  protected:
    static constexpr std::uint32_t kWeb = 0;  // service and pool

    // An undecided packet of the web service whose flow has that hash.
    static Packet packet_of(std::uint64_t hash) {
        Packet packet;
        packet.kind = Kind::kFlow;
        packet.protocol = kIpProtocolTcp;
        packet.tcp_flags = kTcpSyn;
        packet.service = kWeb;
        packet.hash = hash;
        return packet;
    }
    void select_all(std::span<Packet> packets) {
        state_->counts = {};
        select(world_.tables(), *state_, Moment::from_ms(now_ms_),
               FlowAge(sample::kTimeouts, Moment::from_ms(now_ms_).s), packets);
    }
};

TEST_F(SelectTest, TheHashOfTheFlowChoosesTheSlot) {
    std::mt19937_64 random(1);
    for (int burst = 0; burst < 50; ++burst) {
        std::vector<Packet> packets;
        for (std::uint32_t i = 0; i < kBurstSize; ++i)
            packets.push_back(packet_of(random()));
        select_all(packets);
        for (const Packet& packet : packets) {
            const std::uint32_t slot = abi::ring_slot(packet.hash, abi::kDefaultRingSlots);
            ASSERT_EQ(packet.backend, world_.ring(kWeb)[slot]);
            ASSERT_TRUE(packet.undecided());
        }
        EXPECT_EQ(state_->counts.inserts, kBurstSize);
    }
}

TEST_F(SelectTest, PacketsThatAreDecidedOrHaveABackendStayAsTheyAre) {
    fill_ring(kWeb, 1);
    std::vector<Packet> packets(3, packet_of(7));
    packets[0].backend = 2;
    packets[1].action = Action::kToKernel;
    select_all(packets);
    EXPECT_EQ(packets[0].backend, 2u);
    EXPECT_EQ(packets[1].backend, kNone);
    EXPECT_EQ(packets[1].action, Action::kToKernel);
    EXPECT_EQ(packets[2].backend, 1u);
    EXPECT_EQ(state_->counts.inserts, 1u) << "only the flow that was selected is pinned";
}

TEST_F(SelectTest, APacketIsDroppedIfTheRingNamesNoBackendOfThePool) {
    for (const std::uint16_t index : {abi::kNoBackend, std::uint16_t{3}}) {
        fill_ring(kWeb, index);
        Packet packet = packet_of(7);
        select_all(std::span(&packet, 1));
        EXPECT_EQ(packet.action, Action::kDrop);
        EXPECT_EQ(packet.reason, DropReason::kPoolEmpty);
        EXPECT_EQ(state_->counts.inserts, 0u);
    }
    world_.generation().pools[kWeb].ring_store = abi::kNoRing;
    Packet packet = packet_of(7);
    select_all(std::span(&packet, 1));
    EXPECT_EQ(packet.reason, DropReason::kPoolEmpty);
}

TEST_F(SelectTest, WithAffinityAllFlowsOfAClientGoToOneBackend) {
    for (std::uint32_t i = 0; i < world_.generation().header.service_count; ++i)
        world_.generation().services[i].affinity =
            static_cast<std::uint8_t>(abi::Affinity::kSource);
    for (int client = 1; client < 50; ++client) {
        std::set<std::uint32_t> backends;
        for (std::uint16_t port = 1; port < 20; ++port) {
            Spec spec;
            spec.source = "10.0.1." + std::to_string(client);
            spec.source_port = port;
            spec.destination_port = port % 2 == 0 ? 80 : 8000;  // two services of one pool
            backends.insert(backend_of(spec));
        }
        EXPECT_EQ(backends.size(), 1u) << client;
    }
}

TEST_F(SelectTest, AffinityDoesNotMoveAnEstablishedFlow) {
    world_.generation().services[0].affinity = static_cast<std::uint8_t>(abi::Affinity::kSource);
    fill_ring(0, 0);
    EXPECT_EQ(backend_of(ack()), 0u);
    fill_ring(0, 1);
    Spec other = ack();
    other.source_port = 7;
    EXPECT_EQ(backend_of(other), 1u);
    EXPECT_EQ(backend_of(ack()), 0u);
}

TEST_F(SelectTest, WithoutPinningTheRingDecidesForEachPacket) {
    for (std::uint32_t i = 0; i < world_.generation().header.service_count; ++i)
        world_.generation().services[i].flags = abi::kServiceRingOnly;
    Spec question;
    question.protocol = kIpProtocolUdp;
    question.destination_port = 53;
    for (const std::uint16_t index : {std::uint16_t{0}, std::uint16_t{1}}) {
        fill_ring(0, index);
        fill_ring(1, index);
        EXPECT_EQ(backend_of({}), index);  // a SYN
        EXPECT_EQ(backend_of(ack()), index);
        EXPECT_EQ(backend_of(question), index);
        EXPECT_EQ(counts_.inserts + counts_.hits + counts_.missed, 0u);
    }
}

}  // namespace
}  // namespace vipfwd::packet
