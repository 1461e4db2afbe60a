// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/pipeline.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "dataplane/abi/ring_slot.h"
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
                       abi::kDefaultRingSlots);
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
        << "the inner packet is unchanged";
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

TEST_F(PipelineTest, APacketForTheKernelIsUnchanged) {
    const Bytes in = sample::ipv4({.destination = "10.0.0.1"});
    const Out out = send(in);
    EXPECT_EQ(out.packet.action, Action::kToKernel);
    EXPECT_EQ(out.bytes, in);
}

TEST_F(PipelineTest, EveryDropHasItsReason) {
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
    EXPECT_EQ(reason_after([&] { generation.pools[0].ring_store = abi::kNoRing; }),
              DropReason::kPoolEmpty);
    EXPECT_EQ(reason_after([&] { fill_ring(0, abi::kNoBackend); }), DropReason::kPoolEmpty);
    EXPECT_EQ(reason_after([&] { fill_ring(0, 3); }), DropReason::kPoolEmpty)
        << "an index beyond the pool";
    EXPECT_EQ(reason_after([&] { everyone([](abi::BackendEntry& b) { b.resolved = 0; }); }),
              DropReason::kNoNextHop);
    EXPECT_EQ(reason_after([&] { world_.port().source_v4 = {}; }), DropReason::kNoTunnelSource);
    EXPECT_EQ(reason_after([] {}, {}, 19), DropReason::kNoHeadroom);
    EXPECT_EQ(send(Spec{.payload = 1440}).packet.action, Action::kForward) << "exactly the MTU";
    EXPECT_EQ(send(sample::ipv4({}), 20).packet.action, Action::kForward) << "exactly the headroom";
}

TEST_F(PipelineTest, RandomBytesAreDecidedWithoutReadingBeyondThem) {
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
