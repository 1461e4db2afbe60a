// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/parse.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

using sample::Bytes;
using sample::Spec;

Packet parsed(const Bytes& bytes) {
    static const sample::World world;
    sample::Buffer buffer(bytes);
    const Frame frame = buffer.frame();
    Packet packet;
    parse(std::span(&frame, 1), world.tables(), std::span(&packet, 1));
    return packet;
}

// The frame of a SYN after `spoil` changed it. Its IP checksum is corrected unless `seal` is false.
Packet parsed_after(const std::function<void(Bytes&)>& spoil, bool seal = true) {
    Bytes frame = sample::ipv4({});
    spoil(frame);
    if (seal)
        sample::seal_ipv4(frame);
    return parsed(frame);
}

TEST(Parse, ReadsATcpPacket) {
    const Packet packet = parsed(sample::ipv4({.payload = 100}));
    EXPECT_TRUE(packet.undecided());
    EXPECT_FALSE(packet.has_fault);
    EXPECT_EQ(packet.source, sample::ip("10.0.0.50"));
    EXPECT_EQ(packet.destination, sample::ip("10.0.0.100"));
    EXPECT_EQ(packet.protocol, kIpProtocolTcp);
    EXPECT_EQ(packet.source_port.host(), 40000);
    EXPECT_EQ(packet.destination_port.host(), 80);
    EXPECT_EQ(packet.tcp_flags, kTcpSyn);
    EXPECT_EQ(packet.ip_length, 140);
}

TEST(Parse, FindsPortsBehindIpOptions) {
    for (std::size_t options = 0; options <= 40; options += 4) {
        const Packet packet = parsed(sample::ipv4({.options = options}));
        EXPECT_FALSE(packet.has_fault);
        EXPECT_EQ(packet.source_port.host(), 40000) << options;
    }
}

TEST(Parse, IgnoresPadding) {
    EXPECT_EQ(parsed(sample::ipv4({.padding = 20})).ip_length, 40);
}

// The first of several buffers ends anywhere in the frame. A sanitizer reports reads behind it.
TEST(Parse, HeadersBeyondTheFirstBufferAreNotRead) {
    static const sample::World world;
    for (const bool is_v4 : {true, false}) {
        const Spec spec =
            is_v4 ? Spec{.payload = 500}
                  : Spec{.source = "fd00::50", .destination = "fd00::100", .payload = 500};
        const Bytes whole = is_v4 ? sample::ipv4(spec) : sample::ipv6(spec);
        const std::size_t headers = is_v4 ? 14 + 20 + 20 : 14 + 40 + 20;
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const Bytes first(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            sample::Buffer buffer(first);
            const Frame part = buffer.frame();
            const Frame frame(const_cast<std::uint8_t*>(part.bytes().data()),
                              static_cast<std::uint32_t>(size),
                              static_cast<std::uint32_t>(whole.size()), 128, 0);
            Packet packet;
            parse(std::span(&frame, 1), world.tables(), std::span(&packet, 1));
            const bool is_sound = packet.undecided() && !packet.has_fault;
            EXPECT_EQ(is_sound, size >= headers) << size;
        }
    }
}

TEST(Parse, ATruncatedFrameIsDroppedOrFaulty) {
    for (const std::uint8_t protocol : {kIpProtocolTcp, kIpProtocolUdp}) {
        const Bytes whole = sample::ipv4({.protocol = protocol, .payload = 4});
        for (std::size_t length = 0; length < whole.size(); ++length) {
            const Packet packet =
                parsed(Bytes(whole.begin(), whole.begin() + static_cast<long>(length)));
            EXPECT_EQ(packet.action, Action::kDrop) << length;
            const DropReason expected = length < 14   ? DropReason::kEthernetTruncated
                                        : length < 34 ? DropReason::kIpv4Truncated
                                                      : DropReason::kIpv4TotalLength;
            EXPECT_EQ(packet.reason, expected) << length;
        }
    }
}

TEST(Parse, AnIpPacketThatEndsInTheTransportHeaderIsFaulty) {
    for (std::uint16_t length = 20; length < 40; ++length) {
        const Packet packet =
            parsed_after([&](Bytes& frame) { frame[17] = static_cast<std::uint8_t>(length); });
        EXPECT_TRUE(packet.has_fault);
        EXPECT_EQ(packet.reason, DropReason::kTcpTruncated) << length;
    }
    Bytes udp = sample::ipv4({.protocol = kIpProtocolUdp});
    for (std::uint8_t length = 20; length < 28; ++length) {
        udp[17] = length;
        sample::seal_ipv4(udp);
        EXPECT_EQ(parsed(udp).reason, DropReason::kUdpTruncated) << length;
    }
}

TEST(Parse, ReportsWhatIsWrongWithTheIpHeader) {
    struct Case {
        DropReason reason;
        std::function<void(Bytes&)> spoil;
    };
    const Case cases[] = {
        {DropReason::kIpv4Version, [](Bytes& f) { f[14] = 0x55; }},
        {DropReason::kIpv4HeaderLength, [](Bytes& f) { f[14] = 0x44; }},
        {DropReason::kIpv4HeaderLength, [](Bytes& f) { f[14] = 0x4f; }},
        {DropReason::kIpv4TotalLength, [](Bytes& f) { f[17] = 19; }},
        {DropReason::kIpv4TotalLength, [](Bytes& f) { f[17] = 41; }},
        {DropReason::kIpv4Checksum, [](Bytes& f) { f[24] ^= 1; }},
    };
    for (const Case& one : cases) {
        const Packet packet = parsed_after(one.spoil, false);
        EXPECT_EQ(packet.action, Action::kDrop);
        EXPECT_EQ(packet.reason, one.reason) << name(one.reason);
    }
}

TEST(Parse, NotesFaultsThatOnlyTheDestinationMayJudge) {
    struct Case {
        DropReason reason;
        Spec spec;
    };
    const Case cases[] = {
        {DropReason::kIpv4TtlZero, {.ttl = 0}},
        {DropReason::kIpv4Source, {.source = "0.0.0.0"}},
        {DropReason::kIpv4Source, {.source = "127.0.0.1"}},
        {DropReason::kIpv4Source, {.source = "224.0.0.1"}},
        {DropReason::kIpv4Source, {.source = "239.255.255.255"}},
        {DropReason::kIpv4Source, {.source = "255.255.255.255"}},
        {DropReason::kIpv4Source, {.source = "10.0.0.100"}},
        {DropReason::kFragmentMalformed, {.payload = 1, .fragment = 0x2000}},
        {DropReason::kFragmentMalformed, {.fragment = 0x1fff}},
        {DropReason::kIcmpTruncated, {.protocol = 1, .payload = 7}},
        {DropReason::kIcmpFragment, {.protocol = 1, .payload = 8, .fragment = 0x2000}},
    };
    for (const Case& one : cases) {
        const Packet packet = parsed(sample::ipv4(one.spec));
        EXPECT_TRUE(packet.undecided());
        EXPECT_TRUE(packet.has_fault);
        EXPECT_EQ(packet.reason, one.reason) << name(one.reason);
    }
}

TEST(Parse, TakesEveryUnicastSource) {
    for (const char* source : {"0.0.0.1", "1.0.0.0", "126.255.255.255", "128.0.0.1",
                               "223.255.255.255", "240.0.0.0", "250.1.2.3", "255.255.255.254"}) {
        const Packet packet = parsed(sample::ipv4({.source = source}));
        EXPECT_TRUE(packet.undecided()) << source;
        EXPECT_FALSE(packet.has_fault) << source;
    }
}

TEST(Parse, ChecksTheTcpDataOffset) {
    for (unsigned offset = 0; offset < 16; ++offset) {
        Bytes frame = sample::ipv4({.payload = 8});
        frame[14 + 20 + 12] = static_cast<std::uint8_t>(offset << 4);
        const Packet packet = parsed(frame);
        const bool holds = offset >= 5 && offset <= 7;
        EXPECT_EQ(packet.has_fault, !holds) << offset;
        if (!holds) {
            EXPECT_EQ(packet.reason, DropReason::kTcpHeaderLength);
        }
    }
}

TEST(Parse, ChecksTheUdpLength) {
    for (unsigned length = 0; length < 20; ++length) {
        Bytes frame = sample::ipv4({.protocol = kIpProtocolUdp, .payload = 4});
        frame[14 + 20 + 5] = static_cast<std::uint8_t>(length);
        const bool holds = length >= 8 && length <= 12;
        EXPECT_EQ(parsed(frame).has_fault, !holds) << length;
    }
}

TEST(Parse, DropsFramesToOtherMacAddresses) {
    Bytes frame = sample::ipv4({.destination_mac = {{2, 0, 0, 0, 0, 9}}});
    EXPECT_EQ(parsed(frame).reason, DropReason::kEthernetNotOurs);
    EXPECT_EQ(parsed(frame).action, Action::kDrop);
}

TEST(Parse, LeavesMulticastAndOtherProtocolsToTheKernel) {
    EXPECT_EQ(parsed(sample::ipv4({.destination_mac = {{1, 0, 0x5e, 0, 0, 18}}})).action,
              Action::kToKernel);
    EXPECT_EQ(parsed(sample::ipv4({.destination_mac = {{255, 255, 255, 255, 255, 255}}})).action,
              Action::kToKernel);
    for (const unsigned type : {0x88ccu, 0x0000u, 0x05dcu}) {
        Bytes frame = sample::ipv4({});
        frame[12] = static_cast<std::uint8_t>(type >> 8);
        frame[13] = static_cast<std::uint8_t>(type);
        EXPECT_EQ(parsed(frame).action, Action::kToKernel) << type;
    }
}

TEST(Parse, ReadsArpRequestsAndLeavesOtherArpToTheKernel) {
    const Packet request = parsed(sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100"));
    EXPECT_EQ(request.kind, Kind::kArpRequest);
    EXPECT_EQ(request.destination, sample::ip("10.0.0.100"));
    EXPECT_TRUE(request.undecided());
    EXPECT_EQ(parsed(sample::arp(kArpOperationReply, "10.0.0.50", "10.0.0.100")).action,
              Action::kToKernel);
    Bytes other_hardware = sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100");
    other_hardware[15] = 6;
    EXPECT_EQ(parsed(other_hardware).action, Action::kToKernel);
    const Bytes whole = sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100");
    for (std::size_t length = 14; length < whole.size(); ++length) {
        const Packet cut = parsed(Bytes(whole.begin(), whole.begin() + static_cast<long>(length)));
        EXPECT_EQ(cut.reason, DropReason::kArpMalformed);
        EXPECT_EQ(cut.action, Action::kDrop);
    }
}

struct TagCase {
    std::initializer_list<std::pair<int, int>> tags;
    bool is_ours;
    bool is_kernels = false;
};

void expect_tags(std::uint16_t vlan, std::uint16_t outer_vlan, const TagCase& one) {
    sample::World world;
    world.port().vlan = vlan;
    world.port().outer_vlan = outer_vlan;
    sample::Buffer buffer(sample::tagged(sample::ipv4({}), one.tags));
    const Frame frame = buffer.frame();
    Packet packet;
    parse(std::span(&frame, 1), world.tables(), std::span(&packet, 1));
    EXPECT_EQ(packet.action, one.is_ours      ? Action::kUndecided
                             : one.is_kernels ? Action::kToKernel
                                              : Action::kDrop);
    if (one.is_ours) {
        EXPECT_EQ(packet.l3_offset, 14 + 4 * one.tags.size());
    } else if (!one.is_kernels) {
        EXPECT_EQ(packet.reason, DropReason::kVlanNotOurs);
    }
}

TEST(Parse, AnUntaggedPortTakesUntaggedAndPriorityTaggedFrames) {
    for (const TagCase& one :
         {TagCase{{}, true}, TagCase{{{0x8100, 0xe000}}, true}, TagCase{{{0x8100, 100}}, false},
          TagCase{{{0x88a8, 0}}, false}, TagCase{{{0x8100, 0}, {0x8100, 0}}, false},
          TagCase{{{0x88a8, 7}, {0x8100, 100}, {0x8100, 100}}, false}})
        expect_tags(0, 0, one);
}

TEST(Parse, ATaggedPortTakesItsOwnVlan) {
    for (const TagCase& one :
         {TagCase{{{0x8100, 100}}, true}, TagCase{{{0x8100, 0xe000 | 100}}, true},
          TagCase{{}, false, true}, TagCase{{{0x8100, 0}}, false, true},
          TagCase{{{0x8100, 101}}, false}, TagCase{{{0x88a8, 100}}, false},
          TagCase{{{0x8100, 100}, {0x8100, 100}}, false}})
        expect_tags(100, 0, one);
}

TEST(Parse, APortWithAnOuterTagTakesExactlyBothTags) {
    for (const TagCase& one :
         {TagCase{{{0x88a8, 200}, {0x8100, 100}}, true},
          TagCase{{{0x8100, 200}, {0x8100, 100}}, true}, TagCase{{{0x8100, 100}}, false},
          TagCase{{{0x88a8, 100}, {0x8100, 200}}, false},
          TagCase{{{0x88a8, 200}, {0x88a8, 100}}, false}, TagCase{{}, false, true},
          TagCase{{{0x88a8, 200}, {0x8100, 100}, {0x8100, 100}}, false}})
        expect_tags(100, 200, one);
}

TEST(Parse, AFrameThatEndsInATagIsTruncated) {
    const Bytes whole = sample::tagged(sample::ipv4({}), {{0x88a8, 1}, {0x8100, 2}});
    for (std::size_t length = 14; length < 22; ++length) {
        const Packet cut = parsed(Bytes(whole.begin(), whole.begin() + static_cast<long>(length)));
        EXPECT_EQ(cut.reason, DropReason::kVlanTruncated) << length;
    }
}

TEST(Parse, ReadsIpv6) {
    Spec spec = sample::spec6();
    spec.payload = 100;
    spec.padding = 3;
    const Packet packet = parsed(sample::ipv6(spec));
    EXPECT_TRUE(packet.undecided());
    EXPECT_FALSE(packet.has_fault);
    EXPECT_FALSE(packet.is_v4);
    EXPECT_EQ(packet.kind, Kind::kFlow);
    EXPECT_EQ(packet.source, sample::ip("fd00::50"));
    EXPECT_EQ(packet.destination, sample::ip("fd00::100"));
    EXPECT_EQ(packet.destination_port.host(), 80);
    EXPECT_EQ(packet.tcp_flags, kTcpSyn);
    EXPECT_EQ(packet.ip_length, 160);
    EXPECT_EQ(packet.l4_offset, 54);
}

TEST(Parse, ATruncatedIpv6FrameIsDropped) {
    const Bytes whole = sample::ipv6(sample::spec6());
    for (std::size_t length = 14; length < whole.size(); ++length) {
        const Packet packet =
            parsed(Bytes(whole.begin(), whole.begin() + static_cast<long>(length)));
        EXPECT_EQ(packet.action, Action::kDrop) << length;
        EXPECT_EQ(packet.reason,
                  length < 54 ? DropReason::kIpv6Truncated : DropReason::kIpv6PayloadLength);
    }
}

TEST(Parse, NotesFaultsOfIpv6Packets) {
    const auto reason_of = [](const std::function<void(Spec&)>& spoil) {
        Spec spec = sample::spec6();
        spoil(spec);
        const Packet packet = parsed(sample::ipv6(spec));
        EXPECT_TRUE(packet.has_fault);
        return packet.reason;
    };
    EXPECT_EQ(reason_of([](Spec& s) { s.ttl = 0; }), DropReason::kIpv6HopLimitZero);
    for (const char* source : {"::", "::1", "ff02::1", "fd00::100", "::ffff:10.0.0.50"})
        EXPECT_EQ(reason_of([&](Spec& s) { s.source = source; }), DropReason::kIpv6Source)
            << source;
    EXPECT_EQ(reason_of([](Spec& s) {
                  s.protocol = kIpProtocolUdp;
                  s.udp_checksum = 0;
              }),
              DropReason::kUdpChecksum);
    Spec spec = sample::spec6();
    Bytes version = sample::ipv6(spec);
    version[14] = 0x45;
    EXPECT_EQ(parsed(version).reason, DropReason::kIpv6Version);
}

TEST(Parse, AnIpv4MappedDestinationIsNoVip) {
    Spec spec = sample::spec6();
    spec.destination = "::ffff:10.0.0.100";
    EXPECT_EQ(parsed(sample::ipv6(spec)).action, Action::kToKernel);
}

}  // namespace
}  // namespace vipfwd::packet
