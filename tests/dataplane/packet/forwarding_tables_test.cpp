// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/forwarding_tables.h"

#include <gtest/gtest.h>

#include "dataplane/packet/flow_entry.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kWeb1 = 0;
constexpr std::uint32_t kWeb61 = 5;

class TablesTest : public testing::Test {
  protected:
    const BackendView& view(std::uint32_t backend) { return world_.tables().backends[backend]; }
    abi::BackendEntry& entry(std::uint32_t backend) {
        return world_.generation().backends[backend];
    }

    sample::World world_;
};

TEST_F(TablesTest, AViewDescribesItsBackend) {
    EXPECT_EQ(view(kWeb1).counter, entry(kWeb1).counter);
    EXPECT_EQ(view(kWeb1).port, entry(kWeb1).port);
    EXPECT_TRUE(view(kWeb1).is_v4);
    EXPECT_FALSE(view(kWeb61).is_v4);
    EXPECT_EQ(view(kWeb1).prepared_mtu, 1500);
}

TEST_F(TablesTest, HeadersArePreparedExceptForWhatDiffersFromPacketToPacket) {
    const auto& head = view(kWeb1).head;
    const auto ethernet = load<EthernetHeader>(head, 0);
    EXPECT_EQ(ethernet.destination, entry(kWeb1).next_hop);
    EXPECT_EQ(ethernet.source, sample::kPortMac);
    EXPECT_EQ(ethernet.type.host(), kEtherTypeIpv4);
    auto outer = load<Ipv4Header>(head, sizeof ethernet);
    EXPECT_EQ(IpAddress::from_v4(outer.source), sample::ip("10.0.0.1"));
    EXPECT_EQ(IpAddress::from_v4(outer.destination), sample::ip("10.0.0.11"));
    EXPECT_EQ(outer.total_length.host(), 0);
    EXPECT_EQ(outer.protocol, 0);
    const Be16 sum = outer.checksum;
    outer.checksum = {};
    sample::Bytes bytes(sizeof outer);
    store(bytes.data(), outer);
    EXPECT_EQ(sum.raw, internet_sum(bytes));

    const auto outer6 = load<Ipv6Header>(view(kWeb61).head, sizeof ethernet);
    EXPECT_EQ(outer6.source, sample::ip("fd00::1"));
    EXPECT_EQ(outer6.destination, sample::ip("fd00::11"));
}

TEST_F(TablesTest, NothingIsPreparedForBackendsThatNeedTheGeneralPath) {
    entry(kWeb1).resolved = 0;
    EXPECT_EQ(view(kWeb1).prepared_mtu, 0);
    entry(kWeb1).resolved = 1;
    EXPECT_NE(view(kWeb1).prepared_mtu, 0);
    world_.port().vlan = 100;
    EXPECT_EQ(view(kWeb1).prepared_mtu, 0);
    world_.port().vlan = 0;
    world_.port().source_v4_bits = 8;
    EXPECT_EQ(view(kWeb1).prepared_mtu, 0);
    EXPECT_NE(view(kWeb61).prepared_mtu, 0) << "of the other family";
    world_.port().source_v4_bits = 0;
    world_.port().source_v4 = {};
    EXPECT_EQ(view(kWeb1).prepared_mtu, 0);
}

TEST_F(TablesTest, ARetiredBackendIsMarkedAndUnmarked) {
    EXPECT_FALSE(world_.tables().loses_flows[kWeb1]);
    entry(kWeb1).state = static_cast<std::uint8_t>(abi::BackendState::kRetired);
    EXPECT_TRUE(world_.tables().loses_flows[kWeb1]);
    entry(kWeb1).state = static_cast<std::uint8_t>(abi::BackendState::kDraining);
    EXPECT_FALSE(world_.tables().loses_flows[kWeb1]);
}

TEST_F(TablesTest, AViewOfAServiceDescribesItsPool) {
    const ServiceView& dns = world_.tables().services[1];
    const abi::PoolEntry& pool = world_.generation().pools[1];
    EXPECT_EQ(dns.tag_base, flow_tag_base(pool.salt, 1));
    EXPECT_EQ(dns.backend_base, 3u);
    EXPECT_EQ(dns.backend_count, 2u);
    EXPECT_EQ(dns.ring_slots, abi::kDefaultRingSlots);
    EXPECT_EQ(dns.ring_start, abi::first_slot_of(pool.ring_store));
    EXPECT_EQ(dns.counter, world_.generation().services[1].counter);
}

}  // namespace
}  // namespace vipfwd::packet
