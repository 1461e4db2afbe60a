// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/validate.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/table_list.h"
#include "tests/dataplane/abi/validate_fixture.h"

namespace vipfwd::abi {
namespace {

// Makes the group's advert an authenticated one.
void sign(Generation& generation, AdvertAuth auth, std::uint16_t vrrp_offset, std::uint32_t bytes) {
    generation.groups[0].auth = static_cast<std::uint8_t>(auth);
    generation.adverts[0].vrrp_offset = vrrp_offset;
    generation.adverts[0].bytes = static_cast<std::uint16_t>(bytes);
}

TEST_F(ValidateTest, AValidGenerationIsAccepted) {
    EXPECT_EQ(fault_after([](Generation&) {}), "");
}

TEST_F(ValidateTest, AnInvalidEntryIsReportedByTableIndexAndFault) {
    struct Case {
        const char* fault;
        std::function<void(Generation&)> spoil;
    };
    const Case cases[] = {
        {"wrong magic", [](Generation& g) { g.header.magic ^= 1; }},
        {"flow timeout", [](Generation& g) { g.header.timeouts.opening_s = 0; }},
        {"flow timeout",
         [](Generation& g) { g.header.timeouts.established_s = kMaxFlowTimeout_s + 1; }},
        {"flow timeout", [](Generation& g) { g.header.timeouts.closing_s = 0; }},
        {"flow timeout", [](Generation& g) { g.header.timeouts.udp_s = 0xffff; }},
        {"share of the flow table", [](Generation& g) { g.header.service_share_percent = 0; }},
        {"share of the flow table", [](Generation& g) { g.header.service_share_percent = 101; }},
        {"port 0: VLAN out", [](Generation& g) { g.ports[0].vlan = kMaxVlan + 1; }},
        {"port 0: VLAN out",
         [](Generation& g) { g.ports[0].vlan = 1, g.ports[0].outer_vlan = kMaxVlan + 1; }},
        {"port 0: outer VLAN without", [](Generation& g) { g.ports[0].outer_vlan = 1; }},
        {"port 0: too many bits",
         [](Generation& g) { g.ports[0].source_v4_bits = kMaxSourceBits + 1; }},
        {"port 0: too many bits",
         [](Generation& g) { g.ports[0].source_v6_bits = kMaxSourceBits + 1; }},
        {"group 0: lease", [](Generation& g) { g.groups[0].lease = kMaxGroups; }},
        {"group 0: port", [](Generation& g) { g.groups[0].port = 1; }},
        {"group 0: interval", [](Generation& g) { g.groups[0].advert_interval_ms = 0; }},
        {"group 0: interval", [](Generation& g) { g.groups[0].announce_interval_s = 0; }},
        {"group 0: adverts", [](Generation& g) { g.groups[0].first_advert = 1; }},
        {"group 0: adverts", [](Generation& g) { g.groups[0].first_advert = 0xffffffff; }},
        {"group 0: name", [](Generation& g) { std::memset(g.groups[0].name, 'a', kNameBytes); }},
        {"group 0: unknown authentication",
         [](Generation& g) { g.groups[0].auth = kEnumCount<AdvertAuth>; }},
        {"group 0: advert without room",
         [](Generation& g) { sign(g, AdvertAuth::kIpv4, 34, 34 + 8 + kAuthTrailerBytes - 1); }},
        {"group 0: advert without room",
         [](Generation& g) { sign(g, AdvertAuth::kIpv4, 33, 500); }},
        {"group 0: advert without room",
         [](Generation& g) { sign(g, AdvertAuth::kIpv6, 53, 500); }},
        {"advert 0: length", [](Generation& g) { g.adverts[0].bytes = kAdvertBytes + 1; }},
        {"advert 0: length", [](Generation& g) { g.adverts[0].vrrp_offset = 39; }},
        {"advert 0: length", [](Generation& g) { g.adverts[0].vrrp_offset = 13; }},
        {"VIP 0: unknown flags", [](Generation& g) { g.vips[0].flags = kVipFlags + 1; }},
        {"VIP 0: lease", [](Generation& g) { g.vips[0].lease = kMaxGroups; }},
        {"VIP 0: lease", [](Generation& g) { g.vips[0].lease = kNeverOwned - 1; }},
        {"service 1: pool out", [](Generation& g) { g.services[1].pool = 1; }},
        {"service 1: counter", [](Generation& g) { g.services[1].counter = kMaxServices; }},
        {"service 0: port range", [](Generation& g) { g.services[0].port_last = 79; }},
        {"service 0: unknown protocol", [](Generation& g) { g.services[0].protocol = 132; }},
        {"service 0: unknown forwarding",
         [](Generation& g) { g.services[0].forward = kEnumCount<Forward>; }},
        {"service 1: unknown affinity",
         [](Generation& g) { g.services[1].affinity = kEnumCount<Affinity>; }},
        {"service 1: unknown flags",
         [](Generation& g) { g.services[1].flags = kServiceFlags + 1; }},
        {"pool 0: backends out", [](Generation& g) { g.pools[0].backend_base = 1; }},
        {"pool 0: backends out", [](Generation& g) { g.pools[0].backend_base = 0xffffffff; }},
        {"pool 0: size of the ring",
         [](Generation& g) { g.pools[0].ring_slots = kMaxRingSlots + 1; }},
        {"pool 0: size of the ring",
         [](Generation& g) { g.pools[0].ring_slots = kMinRingSlots - 1; }},
        {"pool 0: ring out", [](Generation& g) { g.pools[0].ring_store = kRingStores; }},
        {"pool 0: ring out",
         [](Generation& g) {
             g.pools[0].ring_store = kRingStores - stores_of(kMaxRingSlots) + 1;
             g.pools[0].ring_slots = kMaxRingSlots;
         }},
        {"pool 0: writer", [](Generation& g) { g.pools[0].writer = 4; }},
        {"pool 0: fails_open", [](Generation& g) { g.pools[0].fails_open = 2; }},
        {"pool 0: name", [](Generation& g) { std::memset(g.pools[0].name, 'x', kNameBytes); }},
        {"backend 2: unknown state",
         [](Generation& g) { g.backends[2].state = kEnumCount<BackendState>; }},
        {"backend 2: counter", [](Generation& g) { g.backends[2].counter = kMaxBackends; }},
        {"backend 1: resolved", [](Generation& g) { g.backends[1].resolved = 2; }},
        {"backend 1: port",
         [](Generation& g) { g.backends[1].resolved = 1, g.backends[1].port = 1; }},
    };
    const auto sound = std::make_unique<Generation>(*generation_);
    for (const Case& one : cases) {
        *generation_ = *sound;
        EXPECT_NE(fault_after(one.spoil).find(one.fault), std::string::npos) << one.fault;
    }
}

TEST_F(ValidateTest, NoTableHasMoreEntriesThanItsLimit) {
    for_each_table([&](const auto& table) {
        const std::uint32_t excess = table.kLimit + 1;
        EXPECT_EQ(fault_after([&](Generation& g) { g.header.*table.count = excess; }),
                  "generation: " + std::string(table.name) + " count " + std::to_string(excess) +
                      " is beyond the limit of " + std::to_string(table.kLimit));
        generation_->header.*table.count = 1;
    });
}

TEST_F(ValidateTest, TheBoundsThemselvesAreValid) {
    const auto to_bounds = [](Generation& generation) {
        generation.header.timeouts = {1, kMaxFlowTimeout_s, 1, kMaxFlowTimeout_s};
        generation.header.new_flows_per_s = 0xffffffff;
        generation.header.service_share_percent = 1;
        generation.services[0].affinity = static_cast<std::uint8_t>(Affinity::kSource);
        generation.services[0].forward = static_cast<std::uint8_t>(Forward::kLast);
        generation.services[0].flags = kServiceFlags;
        PortEntry& port = generation.ports[0];
        port.vlan = port.outer_vlan = kMaxVlan;
        port.source_v4_bits = port.source_v6_bits = kMaxSourceBits;
    };
    EXPECT_EQ(fault_after(to_bounds), "");
}

TEST_F(ValidateTest, EveryFlippedBitOfUsedEntriesIsFound) {
    const auto flips = [&](void* place, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i) {
            auto* byte = static_cast<unsigned char*>(place) + i;
            *byte ^= 0x10;
            EXPECT_FALSE(validate_tables(*generation_)) << "byte " << i;
            *byte ^= 0x10;
        }
    };
    flips(&generation_->header, sizeof(GenerationHeader));
    for_each_table([&](const auto& table) {
        flips((*generation_).*table.entries, entries_of(*generation_, table).size_bytes());
    });
    EXPECT_TRUE(validate_tables(*generation_));
}

TEST_F(ValidateTest, CopyingRejectsACountBeyondItsLimitBeforeItReadsEntries) {
    const auto copy = std::make_unique<Generation>();
    generation_->header.backend_count = kMaxBackends + 1;
    EXPECT_FALSE(copy_generation(*generation_, *copy));
}

// `to` holds an earlier generation, which may have more or fewer entries: only equal entries may be
// left out of the copy.
class CopyChangesTest : public ValidateTest {
  protected:
    CopyChangesTest() {
        generation_->header.backend_count = 200;
        EXPECT_TRUE(copy_generation(*generation_, *copy_));
    }

    Changes changes() { return copy_changes(*generation_, *copy_).value(); }

    std::unique_ptr<Generation> copy_ = std::make_unique<Generation>();
};

TEST_F(CopyChangesTest, EqualEntriesAreNotReported) {
    generation_->header.generation = 2;
    const Changes none = changes();
    EXPECT_FALSE(none.destinations);
    EXPECT_TRUE(none.backends.none());
    EXPECT_EQ(copy_->header.generation, 2u);
}

TEST_F(CopyChangesTest, AChangedBackendIsReportedByItsBlock) {
    generation_->backends[64].weight = 7;
    generation_->backends[199].weight = 8;
    EXPECT_EQ(changes().backends.to_ulong(), 0b1010u);
    EXPECT_EQ(copy_->backends[64].weight, 7u);
    EXPECT_EQ(copy_->backends[199].weight, 8u);
    EXPECT_TRUE(changes().backends.none());
}

TEST_F(CopyChangesTest, AddedAndRemovedBackendsHaveChanged) {
    generation_->header.backend_count = 60;
    EXPECT_EQ(changes().backends.to_ulong(), 0b1111u);
    generation_->header.backend_count = 64;
    EXPECT_EQ(changes().backends.to_ulong(), 0b1u);
    generation_->header.backend_count = 65;
    EXPECT_EQ(changes().backends.to_ulong(), 0b10u);
    generation_->header.backend_count = 64;
    EXPECT_EQ(changes().backends.to_ulong(), 0b10u);
}

TEST_F(CopyChangesTest, AChangeOfAServiceAVipOrTheHashKeyChangesDestinations) {
    generation_->services[1].port_last = 90;
    EXPECT_TRUE(changes().destinations);
    generation_->vips[0].flags = kVipRefuses;
    EXPECT_TRUE(changes().destinations);
    generation_->header.vip_count = 0;
    EXPECT_TRUE(changes().destinations);
    generation_->header.key = {{7, 8}};
    EXPECT_TRUE(changes().destinations);
    EXPECT_FALSE(changes().destinations);
}

TEST_F(CopyChangesTest, AChangeOfAnotherTableDoesNotChangeDestinations) {
    generation_->ports[0].mtu = 9000;
    generation_->groups[0].advert_interval_ms = 10;
    generation_->adverts[0].frame[5] = 1;
    generation_->pools[0].salt = 77;
    const Changes none = changes();
    EXPECT_FALSE(none.destinations);
    EXPECT_TRUE(none.backends.none());
}

TEST_F(CopyChangesTest, AChangeOfAnyTableIsCopied) {
    for_each_table([&](const auto& table) {
        reinterpret_cast<unsigned char&>(((*generation_).*table.entries)[0]) ^= 0x10;
        EXPECT_NE(checksum_of(*copy_), checksum_of(*generation_)) << table.name;
        changes();
        EXPECT_EQ(checksum_of(*copy_), checksum_of(*generation_)) << table.name;
    });
}

TEST_F(CopyChangesTest, RejectsACountBeyondItsLimitBeforeItReadsEntries) {
    generation_->header.service_count = kMaxServices + 1;
    EXPECT_FALSE(copy_changes(*generation_, *copy_));
    generation_->header.magic = 0;
    EXPECT_FALSE(copy_changes(*generation_, *copy_));
}

TEST(FlowTimeoutsTest, TheLongestIsTheMaximumOfAllFour) {
    EXPECT_EQ((FlowTimeouts{9, 2, 3, 4}.longest_s()), 9);
    EXPECT_EQ((FlowTimeouts{1, 9, 3, 4}.longest_s()), 9);
    EXPECT_EQ((FlowTimeouts{1, 2, 9, 4}.longest_s()), 9);
    EXPECT_EQ((FlowTimeouts{1, 2, 3, 9}.longest_s()), 9);
}

TEST(RegionHeaderTest, OnlyThisProgramsLayoutIsAccepted) {
    const RegionHeader sound = make_region_header(42);
    EXPECT_TRUE(validate(sound));
    RegionHeader other = sound;
    other.abi_version += 1;
    EXPECT_NE(
        validate(other).error().message.find("ABI version " + std::to_string(kAbiVersion + 1)),
        std::string::npos);
    for (std::size_t i = 0; i < sizeof(RegionHeader); ++i) {
        other = sound;
        reinterpret_cast<unsigned char*>(&other)[i] ^= 0x80;
        EXPECT_FALSE(validate(other)) << "byte " << i;
    }
}

TEST(BootParametersTest, EveryFieldIsBounded) {
    BootParameters boot{};
    boot.worker_count = boot.port_count = 1;
    boot.flows_per_worker = 1024;
    boot.ports[0].queues = 1;
    const auto holds_after = [&](const std::function<void(BootParameters&)>& spoil) {
        BootParameters copy = boot;
        spoil(copy);
        copy.checksum = checksum_of(copy);
        return validate(copy).has_value();
    };
    EXPECT_TRUE(holds_after([](BootParameters&) {}));
    EXPECT_FALSE(holds_after([](BootParameters& b) { b.worker_count = 0; }));
    EXPECT_FALSE(holds_after([](BootParameters& b) { b.worker_count = kMaxWorkers + 1; }));
    EXPECT_FALSE(holds_after([](BootParameters& b) { b.port_count = kMaxPorts + 1; }));
    EXPECT_FALSE(holds_after([](BootParameters& b) { b.flows_per_worker = 0; }));
    EXPECT_FALSE(holds_after([](BootParameters& b) { b.idle = kEnumCount<Idle>; }));
    EXPECT_FALSE(holds_after([](BootParameters& b) { b.memory = kEnumCount<Memory>; }));
    EXPECT_FALSE(holds_after([](BootParameters& b) { b.ports[0].queues = 0; }));
    EXPECT_FALSE(holds_after([](BootParameters& b) { b.ports[0].driver = kEnumCount<Driver>; }));
    EXPECT_FALSE(
        holds_after([](BootParameters& b) { std::memset(b.ports[0].device, 'x', kDeviceBytes); }));
    EXPECT_FALSE(holds_after(
        [](BootParameters& b) { std::memset(b.ports[0].kernel_interface, 'x', kInterfaceBytes); }));
    boot.checksum = checksum_of(boot);
    boot.ports[0].mtu = 1;
    EXPECT_FALSE(validate(boot));
}

}  // namespace
}  // namespace vipfwd::abi
