// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/parse_common.h"

#include <gtest/gtest.h>

#include <random>

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

struct Both {
    bool is_common;
    Packet common;
    Packet general;
};

Both parse_both(const Bytes& bytes, const PortView& port) {
    sample::Buffer buffer(bytes);
    Both both;
    both.is_common = parse_common(buffer.frame(), port, both.common);
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
    sample::World world_;
    std::mt19937 random_{1};
};

TEST_F(ParseCommonTest, TakesPlainTcpAndUdpOfBothFamilies) {
    for (const Bytes& frame : common_frames()) {
        const Both both = parse_both(frame, world_.port());
        EXPECT_TRUE(both.is_common);
        expect_same(both.common, both.general);
    }
}

// Flips random bits of the headers, and truncates some frames.
TEST_F(ParseCommonTest, AgreesWithParseGeneralOnEveryFrameThatItTakes) {
    int taken = 0;
    for (const Bytes& whole : common_frames()) {
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
            const Both both = parse_both(frame, world_.port());
            if (both.is_common)
                expect_same(both.common, both.general);
            taken += both.is_common ? 1 : 0;
            ASSERT_FALSE(HasFailure());
        }
    }
    EXPECT_GT(taken, 10'000);
}

TEST_F(ParseCommonTest, LeavesTaggedPortsToParseGeneral) {
    world_.port().vlan = 100;
    for (const Bytes& frame : common_frames())
        EXPECT_FALSE(parse_both(frame, world_.port()).is_common);
}

}  // namespace
}  // namespace vipfwd::packet
