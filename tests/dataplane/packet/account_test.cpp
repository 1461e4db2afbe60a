// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/account.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

class AccountTest : public PipelineFixture {
  protected:
    // Processes and accounts a burst of `count` frames, of each kind in turn.
    void process_burst(std::uint32_t count, std::span<const Bytes> kinds) {
        std::vector<sample::Buffer> buffers;
        const auto burst = std::make_unique<Burst>();
        burst->count = count;
        for (std::uint32_t i = 0; i < count; ++i) {
            buffers.emplace_back(kinds[i % kinds.size()]);
            burst->frames[i] = buffers.back().frame();
        }
        const BurstCounts counts =
            process(world_.tables(), *state_, Moment::from_ms(now_ms_), *burst);
        account(world_.tables(), burst->all_packets(), counts, counters());
    }

    void reset() {
        worker_ = {};
        for (std::uint32_t i = 0; i < 3; ++i)
            services_[i] = backends_[i] = {};
    }
    RegionCounters counters() { return {&worker_, services_.get(), backends_.get()}; }

    abi::WorkerCounters worker_{};
    std::unique_ptr<abi::TrafficCounter[]> services_ =
        std::make_unique<abi::TrafficCounter[]>(abi::kMaxServices);
    std::unique_ptr<abi::TrafficCounter[]> backends_ =
        std::make_unique<abi::TrafficCounter[]>(abi::kMaxBackends);
};

TEST_F(AccountTest, EveryPacketOfABurstIsDecidedAndCountedOnce) {
    const std::vector<Bytes> kinds{
        sample::ipv4({}), sample::ipv4({.destination = "10.0.0.1"}), sample::ipv4({.ttl = 0}),
        sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100"), Bytes(3)};
    process_burst(kBurstSize, kinds);
    EXPECT_EQ(worker_.forwarded_packets.read(), 7u);
    EXPECT_EQ(worker_.forwarded_bytes.read(), 7 * 40u);
    EXPECT_EQ(worker_.to_kernel_packets.read(), 7u);
    EXPECT_EQ(worker_.answered_packets.read(), 6u);
    EXPECT_EQ(worker_.dropped[static_cast<int>(DropReason::kIpv4TtlZero)].read(), 6u);
    EXPECT_EQ(worker_.dropped[static_cast<int>(DropReason::kEthernetTruncated)].read(), 6u);
    EXPECT_EQ(worker_.flow_inserts.read(), 1u);
    EXPECT_EQ(services_[0].packets.read(), 7u);
    EXPECT_EQ(services_[0].bytes.read(), 7 * 40u);
    EXPECT_EQ(
        backends_[0].packets.read() + backends_[1].packets.read() + backends_[2].packets.read(),
        7u);
}

TEST_F(AccountTest, CountsForTheServiceOfEachPacket) {
    const std::vector<Bytes> kinds{sample::arp(kArpOperationRequest, "10.0.0.50", "10.0.0.100"),
                                   sample::ipv4({}), sample::ipv4({.destination_port = 8000})};
    const std::span all = kinds;
    process_burst(30, all.subspan(1, 1));
    EXPECT_EQ(services_[0].packets.read(), 30u);
    EXPECT_EQ(services_[0].bytes.read(), 30 * 40u);
    process_burst(30, all.subspan(1));
    EXPECT_EQ(services_[0].packets.read(), 30 + 15u);
    EXPECT_EQ(services_[2].packets.read(), 15u);
    EXPECT_EQ(services_[2].bytes.read(), 15 * 40u);
    process_burst(30, all);
    EXPECT_EQ(services_[0].packets.read(), 30 + 15 + 10u);
    EXPECT_EQ(services_[2].packets.read(), 15 + 10u);
    EXPECT_EQ(worker_.forwarded_packets.read(), 30 + 30 + 20u);
    EXPECT_EQ(worker_.answered_packets.read(), 10u);
}

// A packet alone takes the fast path, for bursts of one service. A burst of random packets takes
// the general path.
TEST_F(AccountTest, ABurstOfOneServiceIsCountedAsByTheGeneralPath) {
    std::mt19937 random(1);
    const Tables& tables = world_.tables();
    for (int round = 0; round < 500; ++round) {
        std::vector<Packet> packets(random() % (kBurstSize + 1));
        const std::uint32_t services = 1 + static_cast<std::uint32_t>(random() % 3);
        for (Packet& packet : packets) {
            packet.service = static_cast<std::uint32_t>(random() % services);
            packet.backend = static_cast<std::uint32_t>(random() % 3);
            packet.ip_length = static_cast<std::uint16_t>(random());
            packet.action = random() % 4 != 0 ? Action::kForward : Action::kSplit;
            if (random() % 8 == 0)
                packet.drop(DropReason::kTooBig);
        }
        account(tables, packets, {}, counters());
        const std::uint64_t all = worker_.forwarded_bytes.read();
        std::vector<std::uint64_t> burst_counts;
        for (std::uint32_t i = 0; i < 3; ++i)
            burst_counts.insert(burst_counts.end(),
                                {services_[i].packets.read(), services_[i].bytes.read(),
                                 backends_[i].packets.read(), backends_[i].bytes.read()});
        reset();
        for (const Packet& packet : packets)
            account(tables, std::span(&packet, 1), {}, counters());
        EXPECT_EQ(worker_.forwarded_bytes.read(), all);
        for (std::uint32_t i = 0; i < 3; ++i) {
            ASSERT_EQ(services_[i].packets.read(), burst_counts[4 * i]);
            ASSERT_EQ(services_[i].bytes.read(), burst_counts[4 * i + 1]);
            ASSERT_EQ(backends_[i].packets.read(), burst_counts[4 * i + 2]);
            ASSERT_EQ(backends_[i].bytes.read(), burst_counts[4 * i + 3]);
        }
        reset();
    }
}

}  // namespace
}  // namespace vipfwd::packet
