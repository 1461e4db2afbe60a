// SPDX-License-Identifier: Apache-2.0
// The gateway's own answers, with a VIP as their source.
#include "dataplane/packet/announce.h"
#include "tests/dataplane/packet/neighbor_sample.h"
#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

using sample::Bytes;
using sample::icmpv6_sum;
using sample::seal_icmpv6;
using sample::solicitation;
using sample::Spec;

Bytes echo4(std::uint16_t identifier, std::size_t data = 3, std::size_t options = 0) {
    Spec spec{.protocol = kIpProtocolIcmp, .payload = 8 + data, .options = options, .padding = 5};
    Bytes frame = sample::ipv4(spec);
    const std::size_t at = 34 + options;
    store(frame.data() + at,
          IcmpHeader{8, 0, {}, Be32::from_host(std::uint32_t{identifier} << 16 | 7)});
    store(frame.data() + at + 2, internet_checksum(std::span(frame).subspan(at, 8 + data)));
    return frame;
}

using AnswerTest = PipelineFixture;

TEST_F(AnswerTest, NeighborSolicitationsForAVipAreAnswered) {
    for (const bool has_link_option : {true, false}) {
        const Out out = send(solicitation({.has_link_option = has_link_option}), 8);
        ASSERT_EQ(out.packet.action, Action::kAnswer);
        ASSERT_EQ(out.bytes.size(), 86u);
        const auto ethernet = load<EthernetHeader>(out.bytes, 0);
        EXPECT_EQ(ethernet.destination, sample::kClientMac);
        EXPECT_EQ(ethernet.source, sample::kPortMac);
        EXPECT_EQ(ethernet.type.host(), kEtherTypeIpv6);
        const auto ip = load<Ipv6Header>(out.bytes, 14);
        EXPECT_EQ(ip.source, sample::ip("fd00::100"));
        EXPECT_EQ(ip.destination, sample::ip("fd00::50"));
        EXPECT_EQ(ip.hop_limit, 255);
        const auto message = load<NeighborMessage>(out.bytes, 54);
        EXPECT_EQ(message.icmp.type, 136);
        EXPECT_EQ(message.icmp.rest.host(), 0xe0000000u) << "router, solicited, override";
        EXPECT_EQ(message.target, sample::ip("fd00::100"));
        const auto link = load<NeighborLinkOption>(out.bytes, 78);
        EXPECT_EQ(link.type, 2);
        EXPECT_EQ(link.address, sample::kPortMac);
        EXPECT_EQ(icmpv6_sum(std::span(out.bytes).subspan(14)), 0xffff);
    }
    EXPECT_EQ(send(solicitation({.destination = "fd00::100", .destination_mac = sample::kPortMac}))
                  .packet.action,
              Action::kAnswer)
        << "unicast reachability probe";
}

TEST_F(AnswerTest, DuplicateAddressDetectionIsAnsweredToAllNodes) {
    const Out out = send(solicitation({.source = "::", .has_link_option = false}));
    ASSERT_EQ(out.packet.action, Action::kAnswer);
    EXPECT_EQ(load<EthernetHeader>(out.bytes, 0).destination, kAllNodesMac);
    EXPECT_EQ(load<Ipv6Header>(out.bytes, 14).destination, sample::ip("ff02::1"));
    EXPECT_EQ(load<NeighborMessage>(out.bytes, 54).icmp.rest.host(), 0xa0000000u);
    EXPECT_EQ(icmpv6_sum(std::span(out.bytes).subspan(14)), 0xffff);
}

TEST_F(AnswerTest, SolicitationsForOtherAddressesGoToTheKernel) {
    expect_kernel(solicitation({.target = "fd00::1"}));
    expect_kernel(solicitation({.target = "fd00::1", .hop_limit = 64}));
    expect_kernel(solicitation({.target = "::ffff:10.0.0.100"}));
    world_.generation().vips[3].lease = sample::kUnowned;
    expect_kernel(solicitation());
}

TEST_F(AnswerTest, SolicitationsFromImpossibleSourcesAreDropped) {
    for (const char* source : {"::1", "ff02::1", "::ffff:10.0.0.50", "fd00::100"})
        expect_drop(solicitation({.source = source}), DropReason::kIpv6Source);
    expect_kernel(solicitation({.source = "ff02::1", .target = "fd00::1"}));
}

TEST_F(AnswerTest, InvalidSolicitationsAreDropped) {
    const auto reason = DropReason::kNeighborMalformed;
    expect_drop(solicitation({.hop_limit = 254}), reason);
    expect_drop(solicitation({.source = "::"}), reason);  // with a link-layer option
    expect_drop(solicitation({.source = "::", .destination = "ff02::1", .has_link_option = false}),
                reason);
    Bytes spoilt = solicitation();
    spoilt[56] = static_cast<std::uint8_t>(spoilt[56] + 1);
    expect_drop(spoilt, reason);
    spoilt = solicitation();
    spoilt[55] = 1;  // code
    seal_icmpv6(spoilt);
    expect_drop(spoilt, reason);
    for (const std::uint8_t length : {std::uint8_t{0}, std::uint8_t{2}}) {
        spoilt = solicitation();
        spoilt[79] = length;
        seal_icmpv6(spoilt);
        expect_drop(spoilt, reason);
    }
}

TEST_F(AnswerTest, EchoIsAnsweredForEveryIdentifier) {
    for (std::uint32_t identifier = 0; identifier <= 0xffff; ++identifier) {
        const Bytes in = echo4(static_cast<std::uint16_t>(identifier));
        const Out out = send(in);
        ASSERT_EQ(out.packet.action, Action::kAnswer);
        ASSERT_EQ(out.bytes.size(), in.size() - 5);
        ASSERT_EQ(out.bytes[34], 0);
        ASSERT_EQ(internet_sum(std::span(out.bytes).subspan(34)), 0xffff) << identifier;
        ASSERT_TRUE(std::equal(out.bytes.begin() + 38, out.bytes.end(), in.begin() + 38));
    }
}

TEST_F(AnswerTest, EchoReversesTheHeaders) {
    const Out out = send(echo4(1, 56, 8));
    const auto ethernet = load<EthernetHeader>(out.bytes, 0);
    EXPECT_EQ(ethernet.destination, sample::kClientMac);
    EXPECT_EQ(ethernet.source, sample::kPortMac);
    const auto ip = load<Ipv4Header>(out.bytes, 14);
    EXPECT_EQ(IpAddress::from_v4(ip.source), sample::ip("10.0.0.100"));
    EXPECT_EQ(IpAddress::from_v4(ip.destination), sample::ip("10.0.0.50"));
    EXPECT_EQ(ip.ttl, 64);
    EXPECT_EQ(internet_sum(std::span(out.bytes).subspan(14, 28)), 0xffff);
}

TEST_F(AnswerTest, EchoOverIpv6IsAnswered) {
    Spec spec = sample::spec6();
    spec.protocol = kIpProtocolIcmpv6;
    spec.payload = 8 + 5;
    Bytes in = sample::ipv6(spec);
    for (std::uint32_t identifier = 0; identifier <= 0xffff; identifier += 5) {
        store(in.data() + 54, IcmpHeader{128, 0, {}, Be32::from_host(identifier << 16)});
        seal_icmpv6(in);
        const Out out = send(in);
        ASSERT_EQ(out.packet.action, Action::kAnswer);
        ASSERT_EQ(out.bytes[54], 129);
        ASSERT_EQ(icmpv6_sum(std::span(out.bytes).subspan(14)), 0xffff) << identifier;
    }
}

TEST_F(AnswerTest, EchoToAVipThatAnotherGatewayOwnsIsDropped) {
    world_.generation().vips[0].lease = sample::kUnowned;
    expect_drop(echo4(1), DropReason::kVipNotOwned);
}

TEST_F(AnswerTest, EchoToAVipThatRefusesItIsDropped) {
    world_.generation().vips[0].flags = abi::kVipRefuses;
    expect_drop(echo4(1), DropReason::kVipNotAccepted);
}

TEST_F(AnswerTest, AnAnswerHasTheTagsOfItsRequest) {
    PortView& port = world_.port();
    port.vlan = 100;
    port.outer_vlan = 200;
    for (const Bytes& request : {echo4(1), solicitation({.has_link_option = false}),
                                 sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100")}) {
        const Out out = send(sample::tagged(request, {{0x88a8, 200}, {0x8100, 100}}));
        ASSERT_EQ(out.packet.action, Action::kAnswer);
        EXPECT_EQ(load<Be16>(out.bytes, 12).host(), 0x88a8);
        EXPECT_EQ(load<Be16>(out.bytes, 14).host(), 200);
        EXPECT_EQ(load<Be16>(out.bytes, 16).host(), 0x8100);
        EXPECT_EQ(load<Be16>(out.bytes, 18).host(), 100);
        EXPECT_EQ(load<Be16>(out.bytes, 20), load<Be16>(request, 12));
    }
}

TEST_F(AnswerTest, AnIpv4PacketThatIsTooBigIsAnsweredWithFragmentationNeeded) {
    const Bytes in = sample::ipv4({.payload = 1441});
    const Out out = send(in);
    ASSERT_EQ(out.packet.action, Action::kAnswer);
    ASSERT_EQ(out.bytes.size(), 14 + 576u);
    EXPECT_EQ(load<EthernetHeader>(out.bytes, 0).destination, sample::kClientMac);
    const auto ip = load<Ipv4Header>(out.bytes, 14);
    EXPECT_EQ(IpAddress::from_v4(ip.source), sample::ip("10.0.0.100"));
    EXPECT_EQ(IpAddress::from_v4(ip.destination), sample::ip("10.0.0.50"));
    EXPECT_EQ(ip.total_length.host(), 576);
    EXPECT_EQ(internet_sum(std::span(out.bytes).subspan(14, 20)), 0xffff);
    EXPECT_EQ(internet_sum(std::span(out.bytes).subspan(34)), 0xffff);
    EXPECT_TRUE(std::equal(out.bytes.begin() + 42, out.bytes.end(), in.begin() + 14));
}

TEST_F(AnswerTest, AnIpv6PacketThatIsTooBigIsAnsweredWithPacketTooBig) {
    Spec spec = sample::spec6();
    spec.payload = 1440;
    const Bytes in = sample::ipv6(spec);
    const Out out = send(in);
    ASSERT_EQ(out.packet.action, Action::kAnswer);
    ASSERT_EQ(out.bytes.size(), 14 + 1280u);
    const auto ip = load<Ipv6Header>(out.bytes, 14);
    EXPECT_EQ(ip.source, sample::ip("fd00::100"));
    EXPECT_EQ(ip.destination, sample::ip("fd00::50"));
    EXPECT_EQ(icmpv6_sum(std::span(out.bytes).subspan(14)), 0xffff);
    EXPECT_TRUE(std::equal(out.bytes.begin() + 62, out.bytes.end(), in.begin() + 14));
}

class TooBigTest : public PipelineFixture {
  protected:
    bool is_answered(const std::string& source, std::uint16_t port = 40000) {
        Spec spec{.tcp_flags = kTcpAck, .payload = 1441};
        spec.source = source;
        spec.source_port = port;
        return send(spec).packet.action == Action::kAnswer;
    }
    bool is_answered6(const std::string& source) {
        Spec spec = sample::spec6();
        spec.source = source;
        spec.payload = 1440;
        return send(sample::ipv6(spec)).packet.action == Action::kAnswer;
    }
    // How many of 500 packets, with ports of their own, are answered.
    int answers_to(const std::string& source) {
        int answered = 0;
        for (std::uint16_t port = 1; port <= 500; ++port)
            answered += is_answered(source, port) ? 1 : 0;
        return answered;
    }
};

TEST_F(TooBigTest, OneSourceCannotUseUpTheAnswersForOthers) {
    EXPECT_EQ(answers_to("192.0.2.1"), 40);
    expect_drop(sample::ipv4({.source = "192.0.2.1", .payload = 1441}), DropReason::kTooBig);
    EXPECT_TRUE(is_answered("192.0.2.2"));
    now_ms_ += 1000;
    EXPECT_TRUE(is_answered("192.0.2.1"));
}

TEST_F(TooBigTest, AnIpv6NetworkOf64BitsIsOneSource) {
    int answered = 0;
    for (int host = 1; host <= 100; ++host)
        answered += is_answered6("2001:db8::" + std::to_string(host)) ? 1 : 0;
    EXPECT_EQ(answered, 40);
    EXPECT_TRUE(is_answered6("2001:db8:0:1::1"));
}

TEST_F(TooBigTest, ForgedSourcesLeaveAnswersToFlowsThatHaveLasted) {
    is_answered("192.0.2.1");  // its flow begins
    now_ms_ += 10'000;
    is_answered("192.0.2.1");  // and has lasted
    now_ms_ += kBudgetStep_ms;
    int forged = 0;
    for (int i = 0; i < 1000; ++i)
        forged += is_answered("198.18." + std::to_string(i / 250) + "." + std::to_string(i % 250))
                      ? 1
                      : 0;
    EXPECT_EQ(forged, 50);
    EXPECT_TRUE(is_answered("192.0.2.1"));
    EXPECT_FALSE(is_answered("192.0.2.2"));
}

TEST_F(AnswerTest, ALaterFragmentIsNotAnswered) {
    Spec later{.protocol = kIpProtocolUdp, .destination_port = 53, .payload = 1392};
    later.fragment = kIpv4DontFragment | kIpv4MoreFragments;
    ASSERT_EQ(send(later).packet.action, Action::kForward);
    later.payload = 1472;
    later.fragment = kIpv4DontFragment | 175;
    expect_drop(sample::ipv4(later), DropReason::kTooBig);
}

}  // namespace
}  // namespace vipfwd::packet
