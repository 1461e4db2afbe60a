// SPDX-License-Identifier: Apache-2.0
// Forwarded frames, by forwarding mode and family.
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "dataplane/packet/match.h"
#include "dataplane/packet/parse.h"
#include "dataplane/packet/rewrite.h"
#include "dataplane/packet/rewrite_parts.h"
#include "dataplane/packet/select.h"
#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

using sample::Bytes;
using sample::Spec;

class TunnelTest : public PipelineFixture {
  protected:
    static constexpr std::uint8_t kTos = 0xb9;

    void set_forward(abi::Forward mode) {
        for (std::uint32_t i = 0; i < world_.generation().header.service_count; ++i)
            world_.generation().services[i].forward = static_cast<std::uint8_t>(mode);
    }
    // A packet to a VIP of the inner family, whose pool has backends of the outer family.
    static Bytes packet(bool inner_v4, bool outer_v4, std::size_t payload = 11) {
        Spec spec = inner_v4 ? Spec{} : sample::spec6();
        spec.destination_port = inner_v4 == outer_v4 ? 80 : 81;
        spec.payload = payload;
        spec.padding = 3;
        spec.tos = kTos;
        return inner_v4 ? sample::ipv4(spec) : sample::ipv6(spec);
    }
    static Bytes inside(const Bytes& in) { return {in.begin() + 14, in.end() - 3}; }

    // Checks the Ethernet and the outer IP header. Returns the payload of the latter.
    Bytes open(const Out& out, bool inner_v4, bool outer_v4, std::uint8_t protocol,
               std::size_t link = 14) {
        EXPECT_EQ(out.packet.action, Action::kForward);
        const abi::BackendEntry& backend = world_.generation().backends[out.packet.backend];
        const auto ethernet = load<EthernetHeader>(out.bytes, 0);
        EXPECT_EQ(ethernet.destination, backend.next_hop);
        EXPECT_EQ(ethernet.source, sample::kPortMac);
        const auto ip = std::span(out.bytes).subspan(link);
        if (outer_v4)
            check_ipv4(ip, inner_v4, backend.address, protocol);
        else
            check_ipv6(ip, backend.address, protocol);
        return {ip.begin() + (outer_v4 ? 20 : 40), ip.end()};
    }
    static void check_ipv4(std::span<const std::uint8_t> bytes, bool inner_v4,
                           const IpAddress& destination, std::uint8_t protocol) {
        const auto ip = load<Ipv4Header>(bytes, 0);
        EXPECT_EQ(ip.version_ihl, 0x45);
        EXPECT_EQ(ip.tos, kTos);
        EXPECT_EQ(ip.total_length.host(), bytes.size());
        EXPECT_EQ(ip.identification.host(), inner_v4 ? 0x1234 : 0);
        EXPECT_EQ(ip.fragment.host(), kIpv4DontFragment);
        EXPECT_EQ(ip.ttl, 64);
        EXPECT_EQ(ip.protocol, protocol);
        EXPECT_EQ(IpAddress::from_v4(ip.source), sample::ip("10.0.0.1"));
        EXPECT_EQ(IpAddress::from_v4(ip.destination), destination);
        EXPECT_EQ(internet_sum(bytes.first(20)), 0xffff);
    }
    static void check_ipv6(std::span<const std::uint8_t> bytes, const IpAddress& destination,
                           std::uint8_t protocol) {
        const auto ip = load<Ipv6Header>(bytes, 0);
        EXPECT_EQ(ip.version_class_label.host() >> 20, 0x600u | kTos);
        EXPECT_EQ(ip.payload_length.host(), bytes.size() - 40);
        EXPECT_EQ(ip.hop_limit, 64);
        EXPECT_EQ(ip.next_header, protocol);
        EXPECT_EQ(ip.source, sample::ip("fd00::1"));
        EXPECT_EQ(ip.destination, destination);
    }
};

constexpr bool kFamilies[] = {true, false};

TEST_F(TunnelTest, IpInIpWorksInAllFourCombinationsOfFamilies) {
    for (const bool inner_v4 : kFamilies) {
        for (const bool outer_v4 : kFamilies) {
            const Bytes in = packet(inner_v4, outer_v4);
            const std::uint8_t protocol = inner_v4 ? kIpProtocolIpip : kIpProtocolIpv6;
            EXPECT_EQ(open(send(in), inner_v4, outer_v4, protocol), inside(in))
                << inner_v4 << outer_v4;
        }
    }
}

TEST_F(TunnelTest, GueWorksInAllFourCombinationsOfFamilies) {
    set_forward(abi::Forward::kGue);
    for (const bool inner_v4 : kFamilies) {
        for (const bool outer_v4 : kFamilies) {
            const Bytes in = packet(inner_v4, outer_v4);
            const Bytes carried = open(send(in), inner_v4, outer_v4, kIpProtocolUdp);
            const auto udp = load<UdpHeader>(carried, 0);
            EXPECT_GE(udp.source_port.host(), 0xc000);
            EXPECT_EQ(udp.destination_port.host(), 6080);
            EXPECT_EQ(udp.length.host(), carried.size());
            EXPECT_EQ(udp.checksum, Be16{});
            const auto gue = load<GueHeader>(carried, 8);
            EXPECT_EQ(gue.version_length, 0);
            EXPECT_EQ(gue.protocol, inner_v4 ? kIpProtocolIpip : kIpProtocolIpv6);
            EXPECT_EQ(gue.flags, Be16{});
            EXPECT_EQ(Bytes(carried.begin() + 12, carried.end()), inside(in));
        }
    }
}

TEST_F(TunnelTest, L2ChangesOnlyTheEthernetHeader) {
    set_forward(abi::Forward::kL2);
    for (const bool v4 : kFamilies) {
        const Bytes in = packet(v4, v4);
        const Out out = send(in);
        ASSERT_EQ(out.packet.action, Action::kForward);
        EXPECT_EQ(load<EthernetHeader>(out.bytes, 0).destination,
                  world_.generation().backends[out.packet.backend].next_hop);
        EXPECT_EQ(load<EthernetHeader>(out.bytes, 0).type.host(),
                  v4 ? kEtherTypeIpv4 : kEtherTypeIpv6);
        EXPECT_EQ(Bytes(out.bytes.begin() + 14, out.bytes.end()), inside(in));
    }
}

// Untagged frames take the fast path, tagged ones the general path.
TEST_F(TunnelTest, EveryModePutsTheBytesOfItsRowInFrontOfAnUnchangedPacket) {
    for (const abi::ForwardMode& mode : abi::kForwardModes) {
        set_forward(mode.mode);
        for (const auto& [inner_v4, outer_v4, vlan] :
             std::vector<std::tuple<bool, bool, std::uint16_t>>{{true, true, 0},
                                                                {true, false, 0},
                                                                {false, true, 0},
                                                                {false, false, 0},
                                                                {true, true, 7},
                                                                {true, false, 7},
                                                                {false, true, 7},
                                                                {false, false, 7}}) {
            if (inner_v4 != outer_v4 && !mode.crosses_families)
                continue;
            world_.port().vlan = vlan;
            const Bytes in = packet(inner_v4, outer_v4);
            const Bytes out = send(vlan != 0 ? sample::tagged(in, {{0x8100, vlan}}) : in).bytes;
            const std::size_t in_front = (vlan != 0 ? 18u : 14u) + mode.overhead(outer_v4);
            ASSERT_EQ(out.size(), in_front + inside(in).size()) << mode.word;
            EXPECT_EQ(Bytes(out.begin() + static_cast<long>(in_front), out.end()), inside(in));
        }
    }
}

TEST_F(TunnelTest, OuterHeadersDifferByFlowAndNotWithinAFlow) {
    set_forward(abi::Forward::kGue);
    std::set<std::uint16_t> ports;
    std::set<std::uint32_t> labels;
    for (std::uint16_t port = 1; port <= 200; ++port) {
        Spec spec{.source_port = port};
        const Bytes once = send(spec).bytes;
        EXPECT_EQ(once, send(spec).bytes);
        ports.insert(load<Be16>(once, 34).raw);
        spec.destination_port = 81;
        labels.insert(load<Be32>(send(spec).bytes, 14).raw);
    }
    EXPECT_GT(ports.size(), 180u);
    EXPECT_GT(labels.size(), 190u);
}

TEST_F(TunnelTest, SourceBitsComeFromTheHashOfTheFlow) {
    PortView& port = world_.port();
    port.source_v4 = sample::ip("10.99.0.0");
    port.source_v4_bits = 16;
    port.source_v6 = sample::ip("fd00:99::");
    port.source_v6_bits = 32;
    std::set<std::uint32_t> sources;
    std::set<IpAddress> sources6;
    for (std::uint16_t number = 1; number <= 200; ++number) {
        Spec spec{.source_port = number};
        const Bytes out = send(spec).bytes;
        const auto source = load<Ipv4Header>(out, 14).source;
        EXPECT_EQ(source.host() >> 16, (10u << 8) | 99);
        EXPECT_EQ(internet_sum(std::span(out).subspan(14, 20)), 0xffff);
        sources.insert(source.raw);
        spec.destination_port = 81;
        const auto source6 = load<Ipv6Header>(send(spec).bytes, 14).source;
        EXPECT_EQ(0, std::memcmp(source6.bytes.data(), port.source_v6.bytes.data(), 12));
        sources6.insert(source6);
    }
    EXPECT_GT(sources.size(), 190u);
    EXPECT_GT(sources6.size(), 190u);
}

TEST_F(TunnelTest, AFrameHasTheTagsOfThePortByWhichItLeaves) {
    PortView& in_port = world_.port();
    PortView& out_port = world_.port(1);
    out_port = in_port;
    for (std::uint32_t i = 0; i < world_.generation().header.backend_count; ++i)
        world_.generation().backends[i].port = 1;
    for (const abi::Forward mode : {abi::Forward::kIpip, abi::Forward::kL2}) {
        set_forward(mode);
        in_port.vlan = out_port.vlan = out_port.outer_vlan = 0;
        const Bytes plain = send(packet(true, true)).bytes;

        out_port.vlan = 100;
        EXPECT_EQ(send(packet(true, true)).bytes, sample::tagged(plain, {{0x8100, 100}}));
        out_port.outer_vlan = 200;
        EXPECT_EQ(send(packet(true, true)).bytes,
                  sample::tagged(plain, {{0x88a8, 200}, {0x8100, 100}}));
        in_port.vlan = 7;
        in_port.outer_vlan = 8;
        out_port.vlan = out_port.outer_vlan = 0;
        EXPECT_EQ(send(sample::tagged(packet(true, true), {{0x88a8, 8}, {0x8100, 7}})).bytes,
                  plain);
        in_port.outer_vlan = 0;
    }
}

TEST_F(TunnelTest, ATunnelNeedsASourceAddressOfItsFamily) {
    world_.port().source_v6 = {};
    expect_drop(packet(true, false), DropReason::kNoTunnelSource);
    expect_drop(packet(false, false), DropReason::kNoTunnelSource);
    EXPECT_EQ(send(packet(false, true)).packet.action, Action::kForward);
    set_forward(abi::Forward::kL2);
    EXPECT_EQ(send(packet(false, false)).packet.action, Action::kForward);
}

// The largest payload that is forwarded, and one byte more.
TEST_F(TunnelTest, APacketThatIsTooBigIsAnsweredWithTheMtuThatFits) {
    struct Case {
        abi::Forward mode;
        bool inner_v4;
        bool outer_v4;
        std::uint32_t overhead;
    };
    for (const Case& one :
         {Case{abi::Forward::kIpip, true, true, 20}, Case{abi::Forward::kIpip, false, true, 20},
          Case{abi::Forward::kIpip, true, false, 40}, Case{abi::Forward::kIpip, false, false, 40},
          Case{abi::Forward::kGue, true, true, 32}, Case{abi::Forward::kGue, false, false, 52},
          Case{abi::Forward::kL2, true, true, 0}, Case{abi::Forward::kL2, false, false, 0}}) {
        set_forward(one.mode);
        const std::size_t headers = (one.inner_v4 ? 20u : 40u) + 20;
        const std::size_t most = 1500 - one.overhead - headers;
        EXPECT_EQ(send(packet(one.inner_v4, one.outer_v4, most)).packet.action, Action::kForward);
        const Out out = send(packet(one.inner_v4, one.outer_v4, most + 1));
        ASSERT_EQ(out.packet.action, Action::kAnswer);
        EXPECT_EQ(counts_.too_big_answers, 1u);
        const auto icmp = load<IcmpHeader>(out.bytes, one.inner_v4 ? 34 : 54);
        EXPECT_EQ(icmp.type, one.inner_v4 ? 3 : 2);
        EXPECT_EQ(icmp.code, one.inner_v4 ? 4 : 0);
        EXPECT_EQ(icmp.rest.host(), 1500 - one.overhead);
    }
}

TEST_F(TunnelTest, APacketThatMayBeFragmentedIsSplit) {
    const Out out = send(Spec{.payload = 1441, .fragment = 0});
    EXPECT_EQ(out.packet.action, Action::kSplit);
    EXPECT_EQ(inner_mtu(world_.tables(), out.packet), 1480u);
    EXPECT_EQ(out.bytes, sample::ipv4({.payload = 1441, .fragment = 0}));
}

TEST_F(TunnelTest, AnOuterHeaderNeedsHeadroom) {
    EXPECT_EQ(send(sample::ipv4({}), 19).packet.reason, DropReason::kNoHeadroom);
    EXPECT_EQ(send(sample::ipv4({}), 20).packet.action, Action::kForward);
    world_.port().outer_vlan = 2;
    world_.port().vlan = 1;
    const Bytes tagged = sample::tagged(sample::ipv4({}), {{0x88a8, 2}, {0x8100, 1}});
    EXPECT_EQ(send(tagged, 19).packet.reason, DropReason::kNoHeadroom);
    EXPECT_EQ(send(tagged, 20).packet.action, Action::kForward);
}

// RFC 6864: of packets that may be fragmented on their way, each has an identification of its own.
TEST_F(TunnelTest, WithoutDontFragmentEachOuterHeaderHasAnIdentificationOfItsOwn) {
    std::set<std::uint16_t> seen;
    for (const auto mode : {abi::Forward::kIpip, abi::Forward::kGue}) {
        set_forward(mode);
        for (const std::uint16_t vlan : {std::uint16_t{0}, std::uint16_t{7}}) {
            world_.port().vlan = vlan;
            for (std::uint16_t port = 1; port <= 100; ++port) {
                Spec spec;
                spec.source_port = port;
                spec.fragment = 0;
                fill_ring(0, 0);
                const Bytes in = sample::ipv4(spec);
                const Out out = send(vlan == 0 ? in : sample::tagged(in, {{0x8100, vlan}}));
                ASSERT_EQ(out.packet.action, Action::kForward);
                const auto bytes = std::span(out.bytes).subspan(vlan == 0 ? 14 : 18);
                const auto outer = load<Ipv4Header>(bytes, 0);
                EXPECT_EQ(outer.fragment.host(), 0) << "as inside";
                EXPECT_TRUE(seen.insert(outer.identification.host()).second);
                EXPECT_EQ(internet_sum(bytes.first(20)), 0xffff);
            }
        }
    }
}

class EncapsulateTest : public TunnelTest {
  protected:
    // A packet with a backend, as it comes to rewrite.
    Packet before_rewrite(const Frame& frame) {
        const Tables& tables = world_.tables();
        Packet packet;
        const std::span one(&packet, 1);
        parse(std::span(&frame, 1), tables, one);
        match(tables, Ownership(), one);
        packet.hash = random_() * std::uint64_t{0x1'0000'0001};
        if (packet.undecided())
            select(tables, *state_, Moment::from_ms(now_ms_),
                   FlowAge(sample::kTimeouts, Moment::from_ms(now_ms_).s), one);
        return packet;
    }
    Bytes random_frame(bool inner_v4, bool outer_v4) {
        Spec spec = inner_v4 ? Spec{} : sample::spec6();
        spec.destination_port = inner_v4 == outer_v4 ? 80 : 81;
        spec.source_port = static_cast<std::uint16_t>(random_());
        spec.payload = random_() % 1500;
        spec.padding = random_() % 20;
        spec.tos = static_cast<std::uint8_t>(random_());
        spec.fragment = random_() % 2 == 0 ? kIpv4DontFragment : std::uint16_t{0};
        return inner_v4 ? sample::ipv4(spec) : sample::ipv6(spec);
    }

    std::mt19937 random_{1};
};

TEST_F(EncapsulateTest, EncapsulateCommonAgreesWithEncapsulateOnRandomPackets) {
    int common = 0;
    for (int round = 0; round < 5000; ++round) {
        const abi::ForwardMode& mode = abi::kForwardModes[random_() % abi::kForwardModes.size()];
        set_forward(mode.mode);
        const bool inner_v4 = random_() % 2 == 0;
        const bool outer_v4 = mode.crosses_families ? random_() % 2 == 0 : inner_v4;
        world_.port().source_v4_bits = random_() % 8 == 0 ? 8 : 0;
        const Bytes in = random_frame(inner_v4, outer_v4);
        const auto headroom = static_cast<std::uint32_t>(random_() % 128);
        sample::Buffer common_buffer(in, headroom);
        sample::Buffer general_buffer(in, headroom);
        Frame common_frame = common_buffer.frame();
        Frame general_frame = general_buffer.frame();
        Packet common_packet = before_rewrite(common_frame);
        ASSERT_TRUE(common_packet.undecided());
        Packet general_packet = common_packet;
        const Tables& tables = world_.tables();
        OuterIds common_ids = state_->outer_ids;
        if (!encapsulate_common(tables, common_ids, std::span(&common_frame, 1),
                                std::span(&common_packet, 1))) {
            ASSERT_TRUE(common_packet.undecided());
            ASSERT_EQ(sample::bytes_of(common_frame), in) << "it is left to the general path";
            continue;
        }
        ++common;
        encapsulate(tables, encap_target(tables, general_packet), state_->outer_ids, general_frame,
                    general_packet);
        ASSERT_EQ(common_packet.action, Action::kForward);
        ASSERT_EQ(general_packet.action, Action::kForward);
        ASSERT_EQ(sample::bytes_of(common_frame), sample::bytes_of(general_frame));
        ASSERT_EQ(common_frame.headroom(), general_frame.headroom());
    }
    EXPECT_GT(common, 2000);
}

}  // namespace
}  // namespace vipfwd::packet
