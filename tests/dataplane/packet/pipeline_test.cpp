// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/pipeline.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "dataplane/abi/hash.h"
#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

using sample::Bytes;
using sample::Spec;
using sample::World;

using PipelineTest = PipelineFixture;

TEST_F(PipelineTest, EncapsulatesForTheBackendOfTheSlot) {
    const Bytes in = sample::ipv4({.payload = 11, .padding = 9, .tos = 0xb9});
    const Out out = send(in);
    ASSERT_EQ(out.packet.action, Action::kForward);
    const std::uint32_t slot =
        abi::ring_slot(abi::flow_hash({sample::ip("10.0.0.50"), sample::ip("10.0.0.100"),
                                       Be16::from_host(40000), Be16::from_host(80), 6},
                                      world_.generation().header.key),
                       abi::kRingSlots);
    EXPECT_EQ(out.packet.backend, slot % 3);

    ASSERT_EQ(out.bytes.size(), in.size() - 9 + 20) << "without the padding";
    const auto ethernet = load<EthernetHeader>(out.bytes, 0);
    EXPECT_EQ(ethernet.destination, world_.generation().backends[out.packet.backend].next_hop);
    EXPECT_EQ(ethernet.source, sample::kPortMac);
    EXPECT_EQ(ethernet.type.host(), kEtherTypeIpv4);
    const auto outer = load<Ipv4Header>(out.bytes, 14);
    EXPECT_EQ(outer.version_ihl, 0x45);
    EXPECT_EQ(outer.total_length.host(), out.bytes.size() - 14);
    EXPECT_EQ(outer.protocol, kIpProtocolIpip);
    EXPECT_EQ(outer.ttl, 64);
    EXPECT_EQ(outer.tos, 0xb9);
    EXPECT_EQ(outer.fragment.host(), kIpv4DontFragment);
    EXPECT_EQ(IpAddress::from_v4(outer.source), sample::ip("10.0.0.1"));
    EXPECT_EQ(IpAddress::from_v4(outer.destination),
              world_.generation().backends[out.packet.backend].address);
    EXPECT_EQ(internet_sum(std::span(out.bytes).subspan(14, 20)), 0xffff);
    EXPECT_TRUE(std::equal(in.begin() + 14, in.end() - 9, out.bytes.begin() + 34))
        << "inside nothing changed";
}

TEST_F(PipelineTest, AnswersArpForAVip) {
    const Out out = send(sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100"));
    ASSERT_EQ(out.packet.action, Action::kAnswer);
    const auto ethernet = load<EthernetHeader>(out.bytes, 0);
    EXPECT_EQ(ethernet.destination, sample::kClientMac);
    EXPECT_EQ(ethernet.source, sample::kPortMac);
    const auto arp = load<ArpPacket>(out.bytes, 14);
    EXPECT_EQ(arp.operation.host(), kArpOperationReply);
    EXPECT_EQ(arp.sender_mac, sample::kPortMac);
    EXPECT_EQ(std::bit_cast<Be32>(arp.sender_ip), sample::ip("10.0.0.100").v4());
    EXPECT_EQ(arp.target_mac, sample::kClientMac);
    EXPECT_EQ(std::bit_cast<Be32>(arp.target_ip), sample::ip("10.0.0.50").v4());
}

TEST_F(PipelineTest, WhatGoesToTheKernelIsUnchanged) {
    const Bytes in = sample::ipv4({.destination = "10.0.0.1"});
    const Out out = send(in);
    EXPECT_EQ(out.packet.action, Action::kToKernel);
    EXPECT_EQ(out.bytes, in);
}

TEST_F(PipelineTest, AnEstablishedFlowStaysWhenTheRingChanges) {
    fill_ring(0, 0);
    EXPECT_EQ(backend_of({}), 0u);
    EXPECT_EQ(backend_of(ack()), 0u);
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(ack()), 0u);
    EXPECT_EQ(counts_.hits, 1u);
    Spec fin = ack();
    fin.tcp_flags = kTcpFin | kTcpAck;
    EXPECT_EQ(backend_of(fin), 0u);
    EXPECT_EQ(backend_of(ack()), 0u) << "also after its FIN";
}

TEST_F(PipelineTest, ASynAlwaysSelectsAnew) {
    fill_ring(0, 0);
    backend_of({});
    backend_of(ack());
    fill_ring(0, 1);
    EXPECT_EQ(backend_of({}), 1u);
    EXPECT_EQ(backend_of(ack()), 1u);
}

TEST_F(PipelineTest, ADrainingBackendKeepsItsFlowsAndARetiredOneLosesThem) {
    fill_ring(0, 0);
    backend_of({});
    fill_ring(0, 1);
    world_.generation().backends[0].state = static_cast<std::uint8_t>(abi::BackendState::kDraining);
    EXPECT_EQ(backend_of(ack()), 0u);
    world_.generation().backends[0].state = static_cast<std::uint8_t>(abi::BackendState::kRetired);
    EXPECT_EQ(backend_of(ack()), 1u);
    world_.generation().backends[0].state = static_cast<std::uint8_t>(abi::BackendState::kServing);
    EXPECT_EQ(backend_of(ack()), 1u) << "it was pinned anew";
}

TEST_F(PipelineTest, AFlowThatIsNotKnownIsMadeFromTheRingAndCounted) {
    fill_ring(0, 2);
    EXPECT_EQ(backend_of(ack()), 2u);
    EXPECT_EQ(counts_.missed, 1u);
    EXPECT_EQ(counts_.inserts, 1u);
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(ack()), 2u);
    EXPECT_EQ(counts_.missed, 0u);
}

TEST_F(PipelineTest, UdpFlowsArePinnedToo) {
    Spec query{.protocol = kIpProtocolUdp, .destination_port = 53};
    fill_ring(1, 0);
    EXPECT_EQ(backend_of(query), 0u);
    EXPECT_EQ(counts_.missed, 0u);
    fill_ring(1, 1);
    EXPECT_EQ(backend_of(query), 0u);
}

TEST_F(PipelineTest, PacketsThatNoSaneTcpSendsMakeNoState) {
    for (const unsigned flags : {0u, unsigned{kTcpSyn | kTcpFin}, unsigned{kTcpRst},
                                 unsigned{kTcpRst | kTcpAck}, unsigned{kTcpFin}, 0x29u}) {
        Spec spec;
        spec.tcp_flags = static_cast<std::uint8_t>(flags);
        EXPECT_EQ(send(spec).packet.action, Action::kForward) << flags;
        EXPECT_EQ(counts_.inserts, 0u) << flags;
    }
}

TEST_F(PipelineTest, OnePacketOfAnySortDoesNotEstablishAFlow) {
    const auto state = [&](const Spec& spec) {
        const Packet packet = send(spec).packet;
        const std::uint32_t salt = world_.generation().pools[packet.service == 1 ? 1 : 0].salt;
        const FlowAge age{sample::kTimeouts, static_cast<std::uint32_t>(now_ms_ / 1000)};
        return state_of(*state_->flows.find(state_->flows.place(packet.hash, salt), age));
    };
    EXPECT_EQ(state({}), FlowState::kOpening);
    EXPECT_EQ(state({}), FlowState::kOpening) << "a SYN sent again";
    EXPECT_EQ(state(ack()), FlowState::kEstablished);
    Spec stray = ack();
    stray.source_port = 5;
    EXPECT_EQ(state(stray), FlowState::kOpening);
    EXPECT_EQ(state(stray), FlowState::kEstablished);
    const Spec query{.protocol = kIpProtocolUdp, .destination_port = 53};
    EXPECT_EQ(state(query), FlowState::kOpening);
    EXPECT_EQ(state(query), FlowState::kUdp);
}

TEST_F(PipelineTest, PastItsBudgetAServiceIsForwardedByTheRingAlone) {
    world_.generation().header.new_flows_per_s = 100;  // 10 a step
    Spec syn;
    std::uint32_t pinned = 0;
    for (std::uint16_t port = 1; port <= 50; ++port) {
        syn.source_port = port;
        EXPECT_EQ(send(syn).packet.action, Action::kForward);
        pinned += counts_.inserts;
        EXPECT_EQ(counts_.inserts + counts_.over_budget, 1u);
    }
    EXPECT_EQ(pinned, 10u);
    send(Spec{.protocol = kIpProtocolUdp, .destination_port = 53});
    EXPECT_EQ(counts_.inserts, 1u) << "another service's share is its own";
    syn.source_port = 1;
    send(syn);
    EXPECT_EQ(counts_.over_budget, 0u) << "a flow that is known costs nothing";
}

// Whatever is sent once, an established flow stays.
TEST_F(PipelineTest, AFloodDoesNotPushOutEstablishedFlows) {
    buckets_.resize(16);
    state_->flows = FlowTable(buckets_);
    fill_ring(0, 0);
    std::vector<Spec> flows;
    for (std::uint16_t port = 1; port <= 40; ++port) {
        Spec flow = ack();
        flow.source_port = port;
        send(flow);
        send(flow);
        flows.push_back(flow);
    }
    const auto kept = [&] {
        int count = 0;
        for (const Spec& flow : flows) {
            send(flow);
            count += counts_.missed == 0 ? 1 : 0;
        }
        return count;
    };
    const int before = kept();
    std::mt19937 random(3);
    for (int i = 0; i < 20'000; ++i) {
        Spec noise;
        noise.source =
            "10.7." + std::to_string(random() % 250) + "." + std::to_string(random() % 250);
        noise.source_port = static_cast<std::uint16_t>(random());
        noise.tcp_flags = static_cast<std::uint8_t>(random() % 2 == 0 ? kTcpSyn : kTcpAck);
        EXPECT_EQ(send(noise).packet.action, Action::kForward);
    }
    EXPECT_EQ(kept(), before);
}

TEST_F(PipelineTest, AffinityKeepsAClientAtOneBackend) {
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

TEST_F(PipelineTest, AffinityMovesNoEstablishedFlow) {
    world_.generation().services[0].affinity = static_cast<std::uint8_t>(abi::Affinity::kSource);
    fill_ring(0, 0);
    EXPECT_EQ(backend_of(ack()), 0u);
    fill_ring(0, 1);
    Spec other = ack();
    other.source_port = 7;
    EXPECT_EQ(backend_of(other), 1u);
    EXPECT_EQ(backend_of(ack()), 0u);
}

TEST_F(PipelineTest, FlowsOfALargeTableKeepTheirBackendsToo) {
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

// Whatever begins a flow elsewhere.
TEST_F(PipelineTest, WhereNoFlowIsPinnedTheRingDecidesOfEachPacket) {
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

TEST_F(PipelineTest, AServiceThatPinsItsFlowsNoLongerForgetsThoseItHas) {
    fill_ring(0, 0);
    EXPECT_EQ(backend_of(ack()), 0u);
    world_.generation().services[0].flags = abi::kServiceRingOnly;
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(ack()), 1u);
}

TEST_F(PipelineTest, AServiceGivenAnotherPoolStartsAfresh) {
    fill_ring(0, 2);
    backend_of({});
    world_.generation().services[0].pool = 1;
    fill_ring(1, 0);
    EXPECT_EQ(backend_of(ack()), 0u);
    EXPECT_EQ(counts_.missed, 1u);
}

TEST_F(PipelineTest, NamesWhyItDrops) {
    const auto reason_after = [&](const std::function<void()>& spoil, const Spec& spec = {},
                                  std::uint32_t headroom = 128) {
        const World sound;
        spoil();
        const Out out = send(sample::ipv4(spec), headroom);
        EXPECT_EQ(out.packet.action, Action::kDrop);
        EXPECT_EQ(out.bytes, sample::ipv4(spec)) << "a dropped frame is unchanged";
        world_ = World();
        return out.packet.reason;
    };
    abi::Generation& generation = world_.generation();
    const auto everyone = [&](auto change) {
        for (int i = 0; i < 3; ++i)
            change(world_.generation().backends[i]);
    };
    EXPECT_EQ(reason_after([&] { generation.pools[0].ring_slots = 0; }), DropReason::kPoolEmpty);
    EXPECT_EQ(reason_after([&] { fill_ring(0, abi::kNoBackend); }), DropReason::kPoolEmpty);
    EXPECT_EQ(reason_after([&] { fill_ring(0, 3); }), DropReason::kPoolEmpty)
        << "a ring that control spoilt";
    EXPECT_EQ(reason_after([&] { everyone([](abi::BackendEntry& b) { b.resolved = 0; }); }),
              DropReason::kNoNextHop);
    EXPECT_EQ(reason_after([&] { world_.port().source_v4 = {}; }), DropReason::kNoTunnelSource);
    EXPECT_EQ(reason_after([] {}, {}, 19), DropReason::kNoHeadroom);
    EXPECT_EQ(send(Spec{.payload = 1440}).packet.action, Action::kForward) << "exactly the MTU";
    EXPECT_EQ(send(sample::ipv4({}), 20).packet.action, Action::kForward) << "exactly the headroom";
}

// Collisions are forced: one bucket, few tags. Whatever the table answers, the packet stays within
// its pool.
TEST_F(PipelineTest, NoCollisionSendsAPacketToAnotherServicesBackend) {
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

TEST_F(PipelineTest, RandomBytesAreDecidedWithoutASlipOutside) {
    std::mt19937 random(7);
    for (int i = 0; i < 50'000; ++i) {
        Bytes bytes = random() % 2 == 0
                          ? sample::ipv4({})
                          : sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100");
        bytes.resize(random() % (bytes.size() + 1));
        for (int flips = static_cast<int>(random() % 4); flips > 0 && !bytes.empty(); --flips)
            bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
        EXPECT_FALSE(send(bytes, static_cast<std::uint32_t>(random() % 40)).packet.undecided());
    }
}

TEST(DropReasonTest, NamesAreUniqueAndPlain) {
    std::set<std::string_view> names;
    for (const abi::DropReasonText& text : abi::kDropReasonTexts) {
        EXPECT_TRUE(names.insert(text.name).second) << text.name;
        EXPECT_EQ(text.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
                  std::string_view::npos);
        EXPECT_FALSE(text.description.empty());
    }
}

}  // namespace
}  // namespace vipfwd::packet
