// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/parse_common.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "dataplane/packet/parse.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

using sample::Bytes;

const std::vector<Bytes>& common_frames() {
    static const std::vector<Bytes> frames = [] {
        std::vector<Bytes> all;
        for (const std::uint8_t protocol : {kIpProtocolTcp, kIpProtocolUdp}) {
            for (const std::size_t payload : {std::size_t{26}, std::size_t{1000}}) {
                sample::Spec spec{.protocol = protocol, .payload = payload};
                all.push_back(sample::ipv4(spec));
                spec = sample::spec6();
                spec.protocol = protocol;
                spec.payload = payload;
                all.push_back(sample::ipv6(spec));
            }
        }
        return all;
    }();
    return frames;
}

// An ICMP error that a router sends to the VIP about a packet from the VIP to a client.
Bytes icmp_error() {
    const Bytes quoted =
        sample::ipv4({.source = "10.0.0.100", .destination = "10.0.0.50", .payload = 0});
    const std::size_t quoted_bytes = sizeof(Ipv4Header) + 8;
    Bytes frame = sample::ipv4({.source = "10.9.9.9",
                                .protocol = kIpProtocolIcmp,
                                .payload = sizeof(IcmpHeader) + quoted_bytes});
    store(frame.data() + 34, IcmpHeader{kIcmpUnreachable, kIcmpFragmentationNeeded, {}, {}});
    std::copy_n(quoted.begin() + 14, quoted_bytes, frame.begin() + 34 + sizeof(IcmpHeader));
    return frame;
}

// What parse_plain() is for.
const std::vector<Bytes>& plain_frames() {
    static const std::vector<Bytes> frames{
        sample::ipv4({.protocol = kIpProtocolUdp, .payload = 64, .fragment = kIpv4MoreFragments}),
        sample::ipv4({.protocol = kIpProtocolUdp, .payload = 64, .fragment = 100}),
        sample::ipv4({.payload = 64, .fragment = kIpv4MoreFragments}),
        sample::ipv4({.protocol = kIpProtocolIcmp, .payload = 64}),
        icmp_error(),
        sample::ipv4({.protocol = 47, .payload = 64}),
    };
    return frames;
}

using FastPath = bool (*)(const Frame&, const PortView&, Packet&);

struct Both {
    bool is_taken;
    Packet fast;
    Packet general;
};

Both parse_both(const Bytes& bytes, const PortView& port, FastPath fast_path = parse_common) {
    sample::Buffer buffer(bytes);
    Both both;
    both.is_taken = fast_path(buffer.frame(), port, both.fast);
    parse_general(buffer.frame(), port, both.general);
    return both;
}

void expect_same(const Packet& a, const Packet& b) {
    EXPECT_EQ(a.source, b.source);
    EXPECT_EQ(a.destination, b.destination);
    EXPECT_EQ(a.source_port, b.source_port);
    EXPECT_EQ(a.destination_port, b.destination_port);
    EXPECT_EQ(a.service, b.service);
    EXPECT_EQ(a.backend, b.backend);
    EXPECT_EQ(a.ip_length, b.ip_length);
    EXPECT_EQ(a.l4_offset, b.l4_offset);
    EXPECT_EQ(a.l3_offset, b.l3_offset);
    EXPECT_EQ(a.protocol, b.protocol);
    EXPECT_EQ(a.tcp_flags, b.tcp_flags);
    EXPECT_EQ(a.is_v4, b.is_v4);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.action, b.action);
    EXPECT_EQ(a.has_fault, b.has_fault);
}

class ParseCommonTest : public testing::Test {
  protected:
    // Flips random bits of the headers, and truncates some frames. Returns how many of the damaged
    // frames the fast path takes.
    int compare_on_damaged(const std::vector<Bytes>& frames, FastPath fast_path) {
        int taken = 0;
        for (const Bytes& whole : frames) {
            const std::size_t headers = 14 + 40 + 20;
            for (int round = 0; round < 20'000; ++round) {
                Bytes frame = whole;
                for (auto changes = 1 + random_() % 3; changes > 0; --changes)
                    frame[random_() % std::min(headers, frame.size())] ^=
                        static_cast<std::uint8_t>(1u << random_() % 8);
                if (frame[12] == 0x08 && random_() % 8 != 0)
                    sample::seal_ipv4(frame);
                if (random_() % 16 == 0)
                    frame.resize(random_() % frame.size());
                const Both both = parse_both(frame, world_.port(), fast_path);
                if (both.is_taken)
                    expect_same(both.fast, both.general);
                taken += both.is_taken ? 1 : 0;
                if (HasFailure())
                    return taken;
            }
        }
        return taken;
    }

    sample::World world_;
    std::mt19937 random_{1};
};

TEST_F(ParseCommonTest, TakesPlainTcpAndUdpOfBothFamilies) {
    for (const Bytes& frame : common_frames()) {
        const Both both = parse_both(frame, world_.port());
        EXPECT_TRUE(both.is_taken);
        expect_same(both.fast, both.general);
    }
}

TEST_F(ParseCommonTest, ParsePlainTakesFragmentsAndIcmpOverIpv4) {
    for (const Bytes& frame : plain_frames()) {
        EXPECT_FALSE(parse_both(frame, world_.port()).is_taken);
        const Both both = parse_both(frame, world_.port(), parse_plain);
        EXPECT_TRUE(both.is_taken);
        expect_same(both.fast, both.general);
    }
    EXPECT_EQ(parse_both(icmp_error(), world_.port(), parse_plain).fast.kind, Kind::kIcmpError);
}

TEST_F(ParseCommonTest, AgreesWithParseGeneralOnEveryFrameThatItTakes) {
    EXPECT_GT(compare_on_damaged(common_frames(), parse_common), 10'000);
}

TEST_F(ParseCommonTest, ParsePlainAgreesWithParseGeneralOnEveryFrameThatItTakes) {
    EXPECT_GT(compare_on_damaged(plain_frames(), parse_plain), 10'000);
}

TEST_F(ParseCommonTest, LeavesTaggedPortsToParseGeneral) {
    world_.port().vlan = 100;
    for (const Bytes& frame : common_frames())
        EXPECT_FALSE(parse_both(frame, world_.port()).is_taken);
    for (const Bytes& frame : plain_frames())
        EXPECT_FALSE(parse_both(frame, world_.port(), parse_plain).is_taken);
}

}  // namespace
}  // namespace vipfwd::packet
