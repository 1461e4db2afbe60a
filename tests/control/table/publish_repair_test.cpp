// SPDX-License-Identifier: Apache-2.0
// Something else has written to the region.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/abi/table_list.h"
#include "tests/control/table/publish_fixture.h"

namespace vipfwd::table {
namespace {

using abi::ActiveGeneration;

// Flips a byte in the middle of what it is given.
template <typename Part>
void damage(const Part& part) {
    auto* const all = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(&part));
    all[sizeof part / 2] ^= 0x55;
}

class RepairTest : public PublishTest {
  protected:
    // Of a pool in force. Changes the last slot, which is in the ring's last store.
    void damage_ring(std::size_t pool) {
        damage(publisher_.ring(publisher_.in_force().pools[pool]).back());
    }
};

TEST_F(RepairTest, ARegionThatNothingDamagedIsLeftAlone) {
    EXPECT_EQ(publisher_.repair(100), std::vector<std::string>());
    publish(sample::config());
    EXPECT_EQ(publisher_.repair(100), std::vector<std::string>());
    EXPECT_FALSE(publisher_.must_publish());
}

TEST_F(RepairTest, WhatReadersNeedToFindTheTablesIsRestored) {
    publish(sample::config());
    const abi::ControlArea& area = publisher_.region().control();
    damage(area.header);
    damage(area.boot);
    damage(area.active);
    EXPECT_EQ(publisher_.repair(100),
              (std::vector<std::string>{"header", "boot parameters",
                                        "number of the generation in force"}));
    EXPECT_EQ(publisher_.repair(100), std::vector<std::string>());
    EXPECT_FALSE(publisher_.must_publish());
    EXPECT_TRUE(abi::validate(area.header));
    EXPECT_TRUE(abi::validate(area.boot));
    EXPECT_EQ(reader_.read_generation().value(), 1u);
}

// The header of the generation, and every table of it.
TEST_F(RepairTest, DamagedTablesAreWrittenByTheNextPublish) {
    config::Config config = sample::config();
    config.groups = {sample::group("edge", {sample::ip("10.0.0.100"), sample::ip("10.0.0.101")})};
    std::uint64_t number = 0;
    const auto check = [&](std::string_view name, auto damage_it) {
        publish(config);
        const auto active = ActiveGeneration::unpack(publisher_.region().control().active.load());
        damage_it(publisher_.region().control().generations[active.store]);
        ++number;
        EXPECT_FALSE(reader_.read_generation()) << name;
        EXPECT_EQ(publisher_.repair(100),
                  std::vector<std::string>{"generation " + std::to_string(number)})
            << name;
        EXPECT_TRUE(publisher_.must_publish()) << name;
        publish(config);
        EXPECT_EQ(reader_.read_generation().value(), ++number) << name;
        EXPECT_FALSE(publisher_.must_publish()) << name;
        EXPECT_EQ(publisher_.repair(100), std::vector<std::string>()) << name;
    };
    check("header", [](const abi::Generation& generation) { damage(generation.header); });
    abi::for_each_table([&](const auto& table) {
        check(table.name, [&](const abi::Generation& generation) {
            const auto entries = abi::entries_of(generation, table);
            ASSERT_FALSE(entries.empty()) << table.name;
            damage(entries.back());
        });
    });
}

TEST_F(RepairTest, ADamagedRingIsBuiltAnew) {
    publish(sample::config());
    for (std::size_t pool = 0; pool < publisher_.in_force().pools.size(); ++pool) {
        const auto slots = publisher_.ring(publisher_.in_force().pools[pool]);
        const std::vector<std::uint16_t> before(slots.begin(), slots.end());
        damage_ring(pool);
        EXPECT_FALSE(reader_.read_generation());
        EXPECT_EQ(
            publisher_.repair(100),
            std::vector<std::string>{"ring of pool '" +
                                     std::string(publisher_.in_force().pools[pool].name) + "'"});
        EXPECT_TRUE(publisher_.must_publish());
        publish(sample::config());
        EXPECT_TRUE(reader_.read_generation());
        const auto after = publisher_.ring(publisher_.in_force().pools[pool]);
        EXPECT_TRUE(std::equal(after.begin(), after.end(), before.begin(), before.end()));
    }
}

TEST_F(RepairTest, ADamagedRingOfSeveralStoresIsBuiltAnewInItsSize) {
    config::Config config = sample::config();
    config.pools[0].ring_slots = abi::kMaxRingSlots;
    publish(config);
    damage_ring(0);
    EXPECT_FALSE(reader_.read_generation());
    config.pools[0].ring_slots = abi::kMinRingSlots;
    EXPECT_EQ(publisher_.repair(100).size(), 1u);
    publish(config);
    EXPECT_TRUE(reader_.read_generation());
    EXPECT_EQ(publisher_.ring(publisher_.in_force().pools[0]).size(), abi::kMaxRingSlots);
}

TEST_F(RepairTest, ADamagedRingIsBuiltAnewForAllPoolsThatShareIt) {
    config::Config config = sample::config();
    config.pools[1].backends = config.pools[0].backends;
    publish(config);
    damage_ring(0);
    EXPECT_EQ(publisher_.repair(100).size(), 1u);
    publish(config);
    EXPECT_TRUE(reader_.read_generation());
    EXPECT_EQ(publisher_.repair(100), std::vector<std::string>());
}

TEST_F(RepairTest, WhatWasPreparedBeforeARepairIsNotPutInForce) {
    publish(sample::config());
    const Publisher::Base base = publisher_.begin(true);
    Publisher::Prepared prepared =
        Publisher::prepare(sample::must_build(with_backends(7), *base.tables), base).value();
    damage_ring(1);
    publisher_.repair(100);
    EXPECT_FALSE(publisher_.put_in_force(std::move(prepared))) << "it keeps the damaged ring";
}

TEST_F(RepairTest, RingsAreReadInTurns) {
    publish(sample::config());
    const std::size_t pools = publisher_.in_force().pools.size();
    damage_ring(pools - 1);
    std::size_t found = 0;
    for (std::size_t i = 0; i < pools; ++i)
        found += publisher_.repair(1).size();
    EXPECT_EQ(found, 1u);
}

}  // namespace
}  // namespace vipfwd::table
