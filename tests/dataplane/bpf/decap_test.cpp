// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <numeric>
#include <optional>
#include <random>
#include <set>

#include "dataplane/bpf/address_map.h"
#include "dataplane/bpf/decap_counters.h"
#include "dataplane/bpf/decap_settings.h"
#include "tests/dataplane/bpf/decap_cases.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::test {
namespace {

decap_source key_of(const AllowedSource& source) {
    const IpAddress network = parse_ip(source.network).value();
    decap_source key{};
    key.prefix_bits = 32 + (network.is_v4() ? 96 : 0) + source.length;
    key.family[3] = network.is_v4() ? 4 : 6;
    std::memcpy(key.address, network.bytes.data(), sizeof key.address);
    return key;
}

class DecapProgram : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        program_.emplace("decap.bpf.o", "vipfwd_decap");
        ASSERT_TRUE(program_->loaded());
        const std::array local{parse_ip(kBackend).value(), parse_ip("10.9.9.9").value(),
                               parse_ip(kBackend6).value()};
        ASSERT_TRUE(bpf::set_addresses(program_->map("local"), local));
        const std::array vips{parse_ip(kVip).value(), parse_ip(kVip6).value()};
        ASSERT_TRUE(bpf::set_addresses(program_->map("vips"), vips));
        set_gue_port(kGuePort);
    }

    void set_gue_port(unsigned port) {
        const std::uint32_t only = 0;
        const decap_settings settings{.gue_port = static_cast<std::uint16_t>(port)};
        ASSERT_EQ(bpf_map_update_elem(program_->map("settings"), &only, &settings, BPF_ANY), 0);
    }

    void allow(const decap_source& source) {
        const std::uint32_t unused = 1;
        ASSERT_EQ(bpf_map_update_elem(program_->map("allowed"), &source, &unused, BPF_ANY), 0)
            << std::strerror(errno);
    }

    void allow_all() { allow(decap_source{}); }

    std::vector<std::uint64_t> counters() const {
        return program_->counters("decap_stats", DECAP_COUNTERS);
    }

    std::optional<XdpProgram> program_;
};

std::vector<std::uint64_t> only(std::optional<decap_counter> counter) {
    std::vector<std::uint64_t> counters(DECAP_COUNTERS);
    if (counter)
        counters[*counter] = 1;
    return counters;
}

class Decapsulator : public DecapProgram, public testing::WithParamInterface<DecapCase> {};

TEST_P(Decapsulator, Decides) {
    for (const AllowedSource& source : GetParam().allowed)
        allow(key_of(source));
    if (GetParam().allowed.empty())
        allow_all();
    EXPECT_EQ(program_->run(GetParam().in), (XdpResult{GetParam().action, GetParam().out}));
    EXPECT_EQ(counters(), only(GetParam().counted));
}

INSTANTIATE_TEST_SUITE_P(Decap, Decapsulator, testing::ValuesIn(decap_cases()),
                         [](const auto& one) { return one.param.sentence; });

TEST(DecapsulatorCounters, EachHasACase) {
    std::set<decap_counter> counted;
    for (const DecapCase& one : decap_cases()) {
        if (one.counted)
            counted.insert(*one.counted);
    }
    EXPECT_EQ(counted.size(), static_cast<std::size_t>(DECAP_COUNTERS));
}

TEST_F(DecapProgram, UnwrapsGueOfTheConfiguredPort) {
    allow_all();
    set_gue_port(4754);
    const Bytes datagram = udp({.destination = 4754}, gue({}, client_packet(4)));
    EXPECT_EQ(program_->run(over4(tunnel(kUdp), datagram)),
              (XdpResult{XDP_PASS, ethernet(kIpv4, client_packet(4))}));
    const Bytes of_the_default_port = wrap({4, true, 4}, client_packet(4));
    EXPECT_EQ(program_->run(of_the_default_port), (XdpResult{XDP_PASS, of_the_default_port}));
}

TEST_F(DecapProgram, DropsOrPassesAValidPacketTruncatedAtAnyByte) {
    allow_all();
    for (const Shape& shape : kShapes) {
        const Bytes good = wrap(shape, client_packet(shape.inner));
        // From this byte on, the program knows that it is one of our tunnels.
        const std::size_t known = 14 + (shape.outer == 4 ? 20u : 40u) + (shape.is_gue ? 8u : 0u);
        const std::uint64_t before = counters()[DECAP_OUTER_TOTAL_LENGTH];
        for (std::size_t bytes = 14; bytes < good.size(); ++bytes) {
            const Bytes cut = start(good, bytes);
            const std::uint32_t action = bytes < known ? XDP_PASS : XDP_DROP;
            EXPECT_EQ(program_->run(cut), (XdpResult{action, cut}))
                << name(shape) << " at byte " << bytes;
        }
        EXPECT_EQ(counters()[DECAP_OUTER_TOTAL_LENGTH] - before, good.size() - known);
    }
}

TEST_F(DecapProgram, CountsAllDamagedPacketsThatItDropsOrUnwraps) {
    allow_all();
    std::mt19937 random(1);  // fixed seed
    const auto below = [&](std::size_t limit) { return random() % limit; };
    std::uint64_t handled = 0;
    for (int round = 0; round < 500; ++round) {
        for (const Shape& shape : kShapes) {
            Bytes frame = wrap(shape, client_packet(shape.inner));
            for (std::size_t damage = below(4); damage > 0; --damage)
                frame[12 + below(frame.size() - 12)] ^= static_cast<std::uint8_t>(random());
            const XdpResult result = program_->run(frame);
            ASSERT_TRUE(result.action == XDP_PASS || result.action == XDP_DROP);
            if (result.action == XDP_DROP || result.packet.size() < frame.size())
                ++handled;
            else
                ASSERT_EQ(result.packet, frame);
        }
    }
    const std::vector<std::uint64_t> counted = counters();
    EXPECT_EQ(std::accumulate(counted.begin(), counted.end(), std::uint64_t{0}), handled);
}

// The program amends the checksum instead of computing it: try values whose sums carry.
TEST_F(DecapProgram, KeepsTheInnerChecksumCorrect) {
    allow_all();
    for (unsigned identification = 0; identification <= 0xffff; identification += 0x11) {
        Ipv4 inner{.traffic_class = kEct0};
        inner.options = be16(identification) + be16(0xffff - identification / 2);
        const Bytes in = wrap({4, false, 4}, ipv4(inner, udp()), kCe);
        inner.traffic_class = kCe;
        ASSERT_EQ(program_->run(in), (XdpResult{XDP_PASS, ethernet(kIpv4, ipv4(inner, udp()))}));
    }
}

}  // namespace
}  // namespace vipfwd::test
