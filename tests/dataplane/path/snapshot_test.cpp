// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/snapshot.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <random>

#include "tests/dataplane/path/region_fixture.h"

namespace vipfwd::path {
namespace {

const MacAddress kMac{{2, 0, 0, 0, 0, 9}};

class TakeSnapshot : public RegionFixture {
  protected:
    // Adds backends of no pool, behind those of world_.
    void add_backends(std::uint32_t count) {
        abi::GenerationHeader& header = world_.generation().header;
        for (std::uint32_t i = 0; i < count; ++i) {
            abi::BackendEntry& backend = world_.generation().backends[header.backend_count++];
            backend = world_.generation().backends[i % 7];
            backend.counter = i;
        }
    }

    std::string fault(abi::ActiveGeneration active) {
        const Result<void> taken = take_snapshot(region_, active, ports_, rings_, *snapshot_);
        return taken ? "" : taken.error().message;
    }

    abi::RingCheck rings_;
    std::vector<host::PortFacts> ports_{{kMac, 1500, 9000}};
    std::unique_ptr<Snapshot> snapshot_ = std::make_unique<Snapshot>();
};

template <typename View>
void expect_same_views(const View* a, const View* b, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
        ASSERT_TRUE(a[i] == b[i]) << typeid(View).name() << ' ' << i;
}

void expect_same(const packet::Tables& a, const packet::Tables& b) {
    const abi::Generation& generation = b.generation;
    ASSERT_EQ(abi::checksum_of(a.generation), abi::checksum_of(generation));
    expect_same_views(a.ports.data(), b.ports.data(), generation.header.port_count);
    expect_same_views(a.services.data(), b.services.data(), generation.header.service_count);
    expect_same_views(a.backends.data(), b.backends.data(), generation.header.backend_count);
    EXPECT_EQ(a.loses_flows, b.loses_flows);
    EXPECT_EQ(a.any_loses_flows, b.any_loses_flows);
    for (const abi::VipEntry& vip : std::span(generation.vips).first(4)) {
        EXPECT_EQ(a.index.find_vip(a.generation, vip.address),
                  b.index.find_vip(generation, vip.address));
    }
    for (const abi::ServiceEntry& service : std::span(generation.services).first(9)) {
        const auto find = [&service](const packet::Tables& tables) {
            return packet::sample::find_service(tables, service.vip, service.protocol,
                                                service.port_first);
        };
        EXPECT_EQ(find(a), find(b));
    }
}

TEST_F(TakeSnapshot, WorkersSeeWhatControlPublished) {
    ASSERT_EQ(fault(publish(7, 1)), "");
    EXPECT_EQ(snapshot_->generation(), 7u);
    const packet::Tables& tables = snapshot_->tables;
    const IpAddress vip = packet::sample::ip("10.0.0.100");
    EXPECT_EQ(packet::sample::find_service(tables, vip, 17, 53), 1u);
    EXPECT_EQ(tables.rings, region_->control().rings);
    EXPECT_EQ(snapshot_->region, region_);
}

TEST_F(TakeSnapshot, ItIsIndependentOfTheRegion) {
    ASSERT_EQ(fault(publish(1, 0)), "");
    area().generations[0].backends[0].port = 200;
    EXPECT_EQ(snapshot_->tables.generation.backends[0].port, 0);
}

TEST_F(TakeSnapshot, AnInvalidGenerationIsRejected) {
    const abi::ActiveGeneration active = publish(1, 0);
    area().generations[0].services[0].pool = 99;
    EXPECT_NE(fault(active), "");
    publish(1, 0);
    area().rings[abi::first_slot_of(1) + 5] = 77;
    EXPECT_NE(fault(active), "");
    publish(1, 0);
    EXPECT_EQ(fault(active), "");
}

TEST_F(TakeSnapshot, AnActiveWordThatNamesAnotherGenerationIsRejected) {
    publish(3, 0);
    EXPECT_EQ(fault({2, 0}), "generation: its number is not the announced one");
    EXPECT_EQ(fault({3, abi::kGenerationStores}), "generation: store out of bounds");
}

TEST_F(TakeSnapshot, AGenerationForAnotherNumberOfPortsIsRejected) {
    ports_.push_back(ports_[0]);
    EXPECT_EQ(fault(publish(1, 0)),
              "generation: has 1 ports, but the dataplane was started with 2");
}

TEST_F(TakeSnapshot, APortIsDescribedByItsDeviceAndTheGeneration) {
    abi::PortEntry& entry = world_.generation().ports[0];
    entry.source_v4 = packet::sample::ip("10.0.0.1");
    entry.source_v6 = packet::sample::ip("fd00::1");
    entry.source_v4_bits = 8;
    entry.source_v6_bits = 16;
    entry.vlan = 7;
    entry.outer_vlan = 70;
    ASSERT_EQ(fault(publish(1, 0)), "");
    const packet::PortView& port = snapshot_->tables.ports[0];
    EXPECT_EQ(port.mac, kMac);
    EXPECT_EQ(port.mtu, 1500u);
    EXPECT_EQ(port.source_v4, packet::sample::ip("10.0.0.1"));
    EXPECT_EQ(port.source_v6, packet::sample::ip("fd00::1"));
    EXPECT_EQ(port.source_v4_bits, 8);
    EXPECT_EQ(port.source_v6_bits, 16);
    EXPECT_EQ(port.vlan, 7);
    EXPECT_EQ(port.outer_vlan, 70);
}

TEST_F(TakeSnapshot, TheMtuOfTheGenerationIsLimitedByTheDevice) {
    world_.generation().ports[0].mtu = 1600;
    ASSERT_EQ(fault(publish(1, 0)), "");
    EXPECT_EQ(snapshot_->tables.ports[0].mtu, 1600u);
    world_.generation().ports[0].mtu = 65000;
    ASSERT_EQ(fault(publish(2, 1)), "");
    EXPECT_EQ(snapshot_->tables.ports[0].mtu, 9000u);
}

// Two snapshots are used in turn, as in the dataplane, so each still has the tables of an earlier
// generation. After random changes they equal a snapshot that was taken from nothing.
TEST_F(TakeSnapshot, TakingOnlyChangesGivesTheSameAsTakingAll) {
    std::mt19937 random(1);
    const auto below = [&random](std::uint32_t limit) {
        return static_cast<std::uint32_t>(random() % limit);
    };
    abi::Generation& generation = world_.generation();
    add_backends(300);
    const std::uint32_t most = generation.header.backend_count;
    const std::array<std::function<void()>, 10> changes{
        [&] { generation.backends[below(most)].next_hop.bytes[5] ^= 1; },
        [&] { generation.backends[below(most)].resolved ^= 1; },
        [&] { generation.backends[below(most)].state = static_cast<std::uint8_t>(below(3)); },
        [&] { generation.header.backend_count = 7 + below(most - 7 + 1); },
        [&] { generation.header.service_count = 5 + below(5); },
        [&] { generation.services[below(9)].vip.bytes[15] ^= 1; },
        [&] { generation.vips[below(4)].address.bytes[15] ^= 1; },
        [&] { generation.header.key.words[0] ^= 1; },
        [&] { generation.pools[below(3)].salt ^= 1; },
        [&] { ports_[0].mac.bytes[5] ^= 1; },
    };
    const std::array taken{std::make_unique<Snapshot>(), std::make_unique<Snapshot>()};
    for (std::uint32_t number = 1; number <= 300; ++number) {
        for (std::uint32_t i = below(3); i > 0; --i)
            changes[below(changes.size())]();
        Snapshot& some = *taken[number % 2];
        const abi::ActiveGeneration active = publish(number, number % 2);
        if (below(10) == 0) {  // rejected: the snapshot stays half-filled
            area().generations[number % 2].header.checksum ^= 1;
            ASSERT_FALSE(take_snapshot(region_, active, ports_, rings_, some));
            area().generations[number % 2].header.checksum ^= 1;
        }
        ASSERT_TRUE(take_snapshot(region_, active, ports_, rings_, some));
        snapshot_->is_complete = false;
        ASSERT_TRUE(take_snapshot(region_, active, ports_, rings_, *snapshot_));
        expect_same(some.tables, snapshot_->tables);
    }
}

TEST_F(TakeSnapshot, EachWorkerHasCountersOfItsOwn) {
    ASSERT_EQ(fault(publish(1, 0)), "");
    snapshot_->counters(0).worker->received_packets.add(1);
    snapshot_->counters(1).worker->received_packets.add(2);
    snapshot_->counters(1).services[3].packets.add(5);
    snapshot_->status(1).heartbeat_ns.store(8);
    const abi::DataplaneStatus& status = control_.status();
    EXPECT_EQ(status.workers[0].counters.received_packets.read(), 1u);
    EXPECT_EQ(status.workers[1].counters.received_packets.read(), 2u);
    EXPECT_EQ(status.services[1][3].packets.read(), 5u);
    EXPECT_EQ(status.workers[1].heartbeat_ns.load(), 8u);
}

}  // namespace
}  // namespace vipfwd::path
