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

// Spoils the frame of a SYN, with its checksum made right again unless `seal` is false.
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

TEST(Parse, FindsThePortsBehindOptions) {
    for (std::size_t options = 0; options <= 40; options += 4) {
        const Packet packet = parsed(sample::ipv4({.options = options}));
        EXPECT_FALSE(packet.has_fault);
        EXPECT_EQ(packet.source_port.host(), 40000) << options;
    }
}

TEST(Parse, LeavesPaddingOut) {
    EXPECT_EQ(parsed(sample::ipv4({.padding = 20})).ip_length, 40);
}

TEST(Parse, AFrameCutAnywhereIsDroppedOrFaulty) {
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

TEST(Parse, AnIpPacketCutAnywhereInTheTransportHeaderIsFaulty) {
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

TEST(Parse, NamesWhatIsWrongWithTheIpHeader) {
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

TEST(Parse, NotesWhatOnlyTheHostItIsForMayJudge) {
    struct Case {
        DropReason reason;
        Spec spec;
    };
    const Case cases[] = {
        {DropReason::kIpv4TtlZero, {.ttl = 0}},
        {DropReason::kIpv4Source, {.source = "0.0.0.0"}},
        {DropReason::kIpv4Source, {.source = "127.0.0.1"}},
        {DropReason::kIpv4Source, {.source = "224.0.0.1"}},
        {DropReason::kIpv4Source, {.source = "255.255.255.255"}},
        {DropReason::kIpv4Source, {.source = "10.0.0.100"}},
        {DropReason::kFragment, {.fragment = 0x2000}},
        {DropReason::kFragment, {.fragment = 0x0001}},
    };
    for (const Case& one : cases) {
        const Packet packet = parsed(sample::ipv4(one.spec));
        EXPECT_TRUE(packet.undecided());
        EXPECT_TRUE(packet.has_fault);
        EXPECT_EQ(packet.reason, one.reason) << name(one.reason);
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

TEST(Parse, LeavesGroupFramesAndForeignProtocolsToTheKernel) {
    EXPECT_EQ(parsed(sample::ipv4({.destination_mac = {{1, 0, 0x5e, 0, 0, 18}}})).action,
              Action::kToKernel);
    EXPECT_EQ(parsed(sample::ipv4({.destination_mac = {{255, 255, 255, 255, 255, 255}}})).action,
              Action::kToKernel);
    for (const unsigned type : {0x86ddu, 0x88ccu, 0x8100u, 0x0000u}) {
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
    EXPECT_EQ(parsed(sample::arp(kArpOperationReply, "10.0.0.50", "10.0.0.100")).action, Action::kToKernel);
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

}  // namespace
}  // namespace vipfwd::packet
