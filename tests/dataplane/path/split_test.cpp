// SPDX-License-Identifier: Apache-2.0
// The headers and the transmission of fragments. DPDK distributes the bytes among the fragments,
// which tests/e2e covers.
#include "dataplane/path/split.h"

#include <gtest/gtest.h>

#include "dataplane/abi/internet_checksum.h"
#include "tests/dataplane/packet/sample.h"
#include "tests/dataplane/path/fake_wire.h"

namespace vipfwd::path {
namespace {

namespace sample = packet::sample;
using abi::DropReason;
using packet::Action;
using packet::EthernetHeader;
using packet::Ipv4Header;
using packet::Packet;

Packet ipv4_packet(std::uint32_t ip_length) {
    Packet packet;
    packet.action = Action::kSplit;
    packet.service = 1;
    packet.backend = 3;
    packet.l3_offset = 14;
    packet.ip_length = static_cast<std::uint16_t>(ip_length);
    return packet;
}

TEST(CountFragments, PayloadsAreMultiplesOfEightBytes) {
    sample::Buffer buffer(sample::ipv4({}));
    const auto count = [&](std::uint32_t ip_length, std::uint32_t mtu) {
        return count_fragments(buffer.frame(), ipv4_packet(ip_length), mtu);
    };
    EXPECT_EQ(count(1500, 1480), 2u);
    EXPECT_EQ(count(20 + 2 * 1456, 1480), 2u);
    EXPECT_EQ(count(20 + 2 * 1456 + 1, 1480), 3u);
    EXPECT_EQ(count(65535, 1480), 45u);
}

TEST(CountFragments, TheirNumberIsLimited) {
    sample::Buffer buffer(sample::ipv4({}));
    const auto count = [&](std::uint32_t ip_length, std::uint32_t mtu) {
        return count_fragments(buffer.frame(), ipv4_packet(ip_length), mtu);
    };
    EXPECT_EQ(count(20 + 48 * kMostFragments, 68), kMostFragments);
    EXPECT_EQ(count(20 + 48 * kMostFragments + 1, 68), 0u);
    EXPECT_EQ(count(1500, 67), 0u);  // RFC 791: the smallest MTU is 68
    EXPECT_EQ(count(1500, 0), 0u);
}

class Split : public testing::Test {
  protected:
    Split() { world_.port().mtu = 600; }

    // Splits a datagram to the service "dns". Its link header has `l3_offset` bytes.
    Packet split(std::size_t payload, std::size_t options = 0) {
        sample::Spec spec;
        spec.protocol = packet::kIpProtocolUdp;
        spec.destination_port = 53;
        spec.payload = payload;
        spec.options = options;
        spec.padding = 9;
        spec.fragment = 0;
        const sample::Bytes bytes = sample::ipv4(spec);
        original_ = buffer_ = wire_.copy_to_buffer(bytes);
        Packet packet = ipv4_packet(static_cast<std::uint32_t>(bytes.size() - 14 - spec.padding));
        packet.l4_offset = static_cast<std::uint16_t>(34 + options);
        packet::WorkerState state;
        const packet::RegionCounters view{&counters_, nullptr, nullptr};
        splitter_.split({world_.tables(), view, packet::Moment::from_ms(1000)}, state,
                        wire_.frame(buffer_, 0), packet, buffer_);
        return packet;
    }

    sample::World world_;
    FakeWire wire_;
    Transmitter transmitter_{wire_, {{10, false}}, 0};
    Splitter splitter_{wire_, transmitter_};
    abi::WorkerCounters counters_{};
    rte_mbuf* original_ = nullptr;
    rte_mbuf* buffer_ = nullptr;
};

// The offset of the inner IPv4 packet, behind Ethernet and the outer IPv4 header.
constexpr std::size_t kInner = 14 + 20;

TEST_F(Split, EveryFragmentIsEncapsulatedByItself) {
    EXPECT_EQ(split(1000).action, Action::kSplit);
    EXPECT_EQ(buffer_, nullptr);
    EXPECT_EQ(wire_.freed, std::vector<rte_mbuf*>{original_});
    ASSERT_EQ(wire_.sent[10].size(), 2u);
    std::size_t carried = 0;
    for (const rte_mbuf* fragment : wire_.sent[10]) {
        const auto outer = packet::load<Ipv4Header>(fragment->bytes(), 14);
        const auto inner = packet::load<Ipv4Header>(fragment->bytes(), kInner);
        EXPECT_EQ(packet::load<EthernetHeader>(fragment->bytes(), 0).destination,
                  world_.generation().backends[3].next_hop);
        EXPECT_EQ(outer.destination, sample::ip("10.0.0.21").v4());
        EXPECT_EQ(outer.total_length.host(), fragment->bytes().size() - 14);
        EXPECT_LE(outer.total_length.host(), 600);
        EXPECT_EQ(inner.destination, sample::ip("10.0.0.100").v4());
        EXPECT_EQ(inner.total_length.host(), outer.total_length.host() - 20);
        EXPECT_EQ(internet_sum(fragment->bytes().subspan(kInner, 20)), 0xffff);
        EXPECT_EQ((inner.fragment.host() & 0x1fffu) * 8, carried);
        carried += inner.total_length.host() - 20u;
    }
    EXPECT_EQ(carried, 1008u);  // without the padding
}

TEST_F(Split, OptionsCountAsHeader) {
    EXPECT_EQ(split(1000, 40).action, Action::kSplit);
    ASSERT_EQ(wire_.sent[10].size(), 2u);
    for (const rte_mbuf* fragment : wire_.sent[10])
        EXPECT_EQ(internet_sum(fragment->bytes().subspan(kInner, 60)), 0xffff);
}

TEST_F(Split, SentFragmentsAreCounted) {
    split(2000);
    ASSERT_EQ(wire_.sent[10].size(), 4u);
    std::size_t bytes = 0;
    for (const rte_mbuf* fragment : wire_.sent[10])
        bytes += fragment->bytes().size();
    EXPECT_EQ(counters_.transmitted_packets.read(), 4u);
    EXPECT_EQ(counters_.transmitted_bytes.read(), bytes);
    EXPECT_EQ(counters_.split_frames.read(), 3u);
}

TEST_F(Split, IfThePortAcceptsOnlySomeFragmentsThePacketIsADrop) {
    wire_.room[10] = 3;
    const Packet packet = split(2000);
    EXPECT_EQ(packet.action, Action::kDrop);
    EXPECT_EQ(packet.reason, DropReason::kTransmitFull);
    EXPECT_EQ(counters_.transmitted_packets.read(), 3u);
    EXPECT_EQ(counters_.split_frames.read(), 3u);
    EXPECT_EQ(wire_.freed.size(), 2u);  // the packet and the last fragment
}

TEST_F(Split, WithoutFreeBuffersThePacketIsDropped) {
    wire_.buffers_left = 3;
    EXPECT_EQ(split(2000).reason, DropReason::kNoBuffer);
    EXPECT_EQ(buffer_, original_);  // transmit() will free it
    EXPECT_TRUE(wire_.sent[10].empty());
    EXPECT_EQ(counters_.split_frames.read(), 0u);
}

TEST_F(Split, APacketOfTooManyFragmentsIsTooBig) {
    world_.port().mtu = 68 + 20;
    EXPECT_EQ(split(48 * kMostFragments).reason, DropReason::kTooBig);
    EXPECT_EQ(buffer_, original_);
}

TEST_F(Split, IfOneFragmentCannotLeaveNoneDoes) {
    world_.generation().backends[3].resolved = 0;
    EXPECT_EQ(split(2000).reason, DropReason::kNoNextHop);
    EXPECT_TRUE(wire_.sent[10].empty());
    EXPECT_EQ(wire_.freed.size(), 5u);
    EXPECT_EQ(counters_.transmitted_packets.read(), 0u);
}

}  // namespace
}  // namespace vipfwd::path
