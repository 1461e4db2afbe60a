// SPDX-License-Identifier: Apache-2.0
#include "control/table/build.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "dataplane/abi/validate.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using abi::BackendState;
using sample::backend;
using sample::must_build;

// With the default timeouts.
constexpr std::uint32_t kFlowMemory_s =
    abi::kDefaultFlowTimeouts.longest_s() + abi::kFlowSweepPeriod_s;

const abi::BackendEntry& backend_at(const Tables& tables, const char* pool, std::size_t index) {
    const abi::PoolEntry* entry = find_pool(tables, pool);
    EXPECT_LT(index, entry->backend_count);
    return tables.backends[entry->backend_base + index];
}

BackendState state(const abi::BackendEntry& entry) {
    return static_cast<BackendState>(entry.state);
}

TEST(Build, TheTablesHoldWhatIsConfigured) {
    const Build made = must_build(sample::config());
    ASSERT_EQ(made.tables.services.size(), 2u);
    ASSERT_EQ(made.tables.pools.size(), 2u);
    ASSERT_EQ(made.tables.vips.size(), 2u);
    EXPECT_EQ(made.new_rings.size(), 2u);
    EXPECT_EQ(made.tables.services[1].port_first, 3306);
    EXPECT_EQ(made.tables.services[1].pool, 1u);
    EXPECT_STREQ(made.tables.pools[0].name, "web");
    EXPECT_EQ(made.tables.pools[0].backend_count, 3u);
    EXPECT_EQ(made.tables.pools[1].backend_base, 3u);
    const abi::BackendEntry& web2 = backend_at(made.tables, "web", 1);
    EXPECT_EQ(web2.address, sample::ip("10.0.0.12"));
    EXPECT_EQ(web2.resolved, 1);
    EXPECT_EQ(web2.next_hop.bytes[5], 12);
    EXPECT_EQ(state(web2), BackendState::kServing);
}

TEST(Build, TheSameInputsGiveTheSameTables) {
    const Build first = must_build(sample::config());
    const Build again = must_build(sample::config(), first.tables, 5000);
    EXPECT_TRUE(same(again.tables, first.tables));
    EXPECT_TRUE(again.new_rings.empty());
}

TEST(Build, AnAddedBackendMovesNoOtherAndRebuildsOnlyItsPoolsRing) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    auto& backends = config.pools[0].backends;
    backends.insert(backends.begin(), backend("web0", "10.0.0.10"));
    const Build after = must_build(config, before.tables);
    EXPECT_EQ(backend_at(after.tables, "web", 0).address, sample::ip("10.0.0.11"));
    EXPECT_EQ(backend_at(after.tables, "web", 3).address, sample::ip("10.0.0.10"));
    ASSERT_EQ(after.new_rings.size(), 1u);
    EXPECT_EQ(after.new_rings[0].pools, std::vector<std::size_t>{0});
    EXPECT_EQ(after.tables.pools[1].ring_checksum, before.tables.pools[1].ring_checksum);
}

TEST(Build, TheOrderOfPoolsAndServicesInTheFileDoesNotMatter) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    std::swap(config.pools[0], config.pools[1]);
    std::swap(config.services[0], config.services[1]);
    config.services[0].pool = 0;
    config.services[1].pool = 1;
    const Build after = must_build(config, before.tables);
    EXPECT_TRUE(after.new_rings.empty());
    EXPECT_EQ(find_pool(after.tables, "web")->salt, find_pool(before.tables, "web")->salt);
    EXPECT_EQ(after.tables.services[1].counter, before.tables.services[0].counter);
    EXPECT_EQ(after.tables.services[1].flow_class, before.tables.services[0].flow_class);
    EXPECT_NE(after.tables.services[0].flow_class, after.tables.services[1].flow_class);
    EXPECT_EQ(backend_at(after.tables, "db", 0).counter,
              backend_at(before.tables, "db", 0).counter);
}

TEST(Build, ARemovedBackendsIndexStaysRetiredUntilNoFlowCanNameIt) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.pools[0].backends.erase(config.pools[0].backends.begin() + 1);
    const Build removed = must_build(config, before.tables, 1000);
    EXPECT_EQ(state(backend_at(removed.tables, "web", 1)), BackendState::kRetired);
    EXPECT_EQ(backend_at(removed.tables, "web", 2).address, sample::ip("10.0.0.13"));

    config.pools[0].backends.push_back(backend("web4", "10.0.0.14"));
    const Build soon = must_build(config, removed.tables, 1000 + kFlowMemory_s);
    EXPECT_EQ(backend_at(soon.tables, "web", 3).address, sample::ip("10.0.0.14"));
    const Build late = must_build(config, removed.tables, 1001 + kFlowMemory_s);
    EXPECT_EQ(backend_at(late.tables, "web", 1).address, sample::ip("10.0.0.14"));
    EXPECT_EQ(late.tables.pools[0].backend_count, 3u);
}

TEST(Build, AnIndexThatNoFlowNamesIsReusedOrRemoved) {
    config::Config config = sample::config();
    Build before = must_build(config);
    before.tables.generation = 6;
    config.pools[0].backends.erase(config.pools[0].backends.begin() + 1,
                                   config.pools[0].backends.end());
    const Tables removed = must_build(config, before.tables).tables;
    ASSERT_EQ(removed.pools[0].backend_count, 3u);
    EXPECT_EQ(backend_at(removed, "web", 1).retired_in, 7u);
    const auto build_with = [&](std::vector<bool> unnamed) {
        return build(config, sample::facts(), removed, sample::zero_counters(), 1000, {}, unnamed)
            .value()
            .tables;
    };
    EXPECT_TRUE(same(build_with({false, false, false, false}), removed));
    EXPECT_EQ(build_with({false, false, true, false}).pools[0].backend_count, 2u);
    EXPECT_EQ(build_with({false, true, true, false}).pools[0].backend_count, 1u);
    config.pools[0].backends.push_back(backend("web4", "10.0.0.14"));
    const Tables reused = build_with({false, true, false, false});
    EXPECT_EQ(backend_at(reused, "web", 1).address, sample::ip("10.0.0.14"));
    EXPECT_EQ(backend_at(reused, "web", 1).retired_in, 0u);
}

TEST(Build, APoolRemembersTheClassesOfAllServicesThatHaveUsedIt) {
    config::Config config = sample::config();
    const Tables before = must_build(config).tables;
    const auto has = [](const abi::PoolEntry& pool, std::uint8_t flow_class) {
        return (pool.flow_classes[flow_class / 64] >> flow_class % 64 & 1) != 0;
    };
    const std::uint8_t web = before.services[0].flow_class;
    const std::uint8_t db = before.services[1].flow_class;
    EXPECT_TRUE(has(before.pools[0], web));
    EXPECT_FALSE(has(before.pools[0], db));
    std::swap(config.services[0].pool, config.services[1].pool);
    const Tables swapped = must_build(config, before).tables;
    EXPECT_TRUE(has(swapped.pools[0], web) && has(swapped.pools[0], db));
    config.pools[0].backends = {backend("other", "10.0.0.99")};
    EXPECT_FALSE(has(must_build(config, swapped).tables.pools[0], web)) << "it has a new salt";
}

TEST(Build, AnIndexStaysRetiredForTheLongerTimeoutOfThePreviousAndTheNextTables) {
    config::Config lasting = sample::config();
    config::Config brief = lasting;
    lasting.dataplane.flow_timeouts.udp_s = 10'000;
    brief.dataplane.flow_timeouts = {1, 2, 3, 4};
    const auto count = [](config::Config config, const Build& before, std::uint32_t age_s) {
        config.pools[0].backends.pop_back();
        Tables removed = must_build(config, before.tables, 1000).tables;
        // As if these tables had the timeouts of `before`, too.
        removed.timeouts = before.tables.timeouts;
        return must_build(config, removed, 1000 + age_s).tables.pools[0].backend_count;
    };
    const std::uint32_t sweep_s = abi::kFlowSweepPeriod_s;
    EXPECT_EQ(count(brief, must_build(brief), 4 + sweep_s), 3u);
    EXPECT_EQ(count(brief, must_build(brief), 5 + sweep_s), 2u);
    for (const auto& [config, before] : {std::pair(brief, lasting), std::pair(lasting, brief)}) {
        EXPECT_EQ(count(config, must_build(before), 10'000 + sweep_s), 3u);
        EXPECT_EQ(count(config, must_build(before), 10'001 + sweep_s), 2u);
    }
}

TEST(Build, TheTablesHoldTheSettingsOfFlows) {
    config::Config config = sample::config();
    config.dataplane.flow_timeouts = {1, 2, 3, 4};
    config.dataplane.new_flows_per_s = 5;
    config.dataplane.service_share_percent = 6;
    config.gateway.gue_port = 6;
    config.services[1].affinity = abi::Affinity::kSource;
    config.services[1].forward = abi::Forward::kGue;
    config.services[1].pin_flows = false;
    const Tables tables = must_build(config).tables;
    EXPECT_EQ(tables.timeouts, (abi::FlowTimeouts{1, 2, 3, 4}));
    EXPECT_EQ(tables.new_flows_per_s, 5u);
    EXPECT_EQ(tables.service_share_percent, 6u);
    EXPECT_EQ(tables.gue_port, 6);
    EXPECT_EQ(tables.services[0].affinity, 0);
    EXPECT_EQ(tables.services[1].affinity, 1);
    EXPECT_EQ(tables.services[1].forward, 1);
    EXPECT_EQ(tables.services[0].flags, 0);
    EXPECT_EQ(tables.services[1].flags, abi::kServiceRingOnly);
}

TEST(Build, ThePortsHoldTheFactsOfTheNetwork) {
    net::Facts facts = sample::facts();
    facts.ports[0] = {.source_v4 = sample::ip("10.99.0.0"),
                      .source_v6 = sample::ip("fd00:1::"),
                      .source_v4_bits = 16,
                      .source_v6_bits = 32,
                      .mtu = 1500,
                      .vlan = 100,
                      .outer_vlan = 200};
    const abi::PortEntry port =
        build(sample::config(), facts, {}, sample::zero_counters(), 0)->tables.ports.at(0);
    EXPECT_EQ(port.source_v4, sample::ip("10.99.0.0"));
    EXPECT_EQ(port.source_v6, sample::ip("fd00:1::"));
    EXPECT_EQ(port.source_v4_bits, 16);
    EXPECT_EQ(port.source_v6_bits, 32);
    EXPECT_EQ(port.vlan, 100);
    EXPECT_EQ(port.outer_vlan, 200);
}

TEST(Build, TakesBackendsAndVipsOfBothFamilies) {
    config::Config config = sample::config();
    config.pools[0].backends.push_back(backend("six", "fd00::11"));
    config.services.push_back(sample::service("web6", "fd00::100", 80, 0));
    const Build made = must_build(config);
    EXPECT_EQ(backend_at(made.tables, "web", 3).address, sample::ip("fd00::11"));
    EXPECT_EQ(backend_at(made.tables, "web", 3).resolved, 1);
    EXPECT_EQ(made.tables.services[2].vip, sample::ip("fd00::100"));
    const RingSlots& slots = *made.new_rings[0].slots;
    EXPECT_NEAR(static_cast<double>(std::count(slots.begin(), slots.end(), 3)),
                abi::kDefaultRingSlots / 4.0, abi::kDefaultRingSlots * 0.01);
}

TEST(Build, ABackendThatComesBackGetsItsIndexAndCounterBack) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config::Config without = config;
    without.pools[0].backends.erase(without.pools[0].backends.begin());
    const Build removed = must_build(without, before.tables);
    const Build back = must_build(config, removed.tables);
    EXPECT_EQ(backend_at(back.tables, "web", 0).address, sample::ip("10.0.0.11"));
    EXPECT_EQ(backend_at(back.tables, "web", 0).counter,
              backend_at(before.tables, "web", 0).counter);
    EXPECT_EQ(state(backend_at(back.tables, "web", 0)), BackendState::kServing);
}

TEST(Build, ARetiredIndexAtTheEndIsRemovedOnceNoFlowCanNameIt) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.pools[0].backends.pop_back();
    const Build removed = must_build(config, before.tables, 1000);
    EXPECT_EQ(removed.tables.pools[0].backend_count, 3u);
    const Build later = must_build(config, removed.tables, 1001 + kFlowMemory_s);
    EXPECT_EQ(later.tables.pools[0].backend_count, 2u);
    EXPECT_TRUE(later.new_rings.empty());
}

TEST(Build, ABackendOfWeightZeroDrains) {
    config::Config config = sample::config();
    config.pools[0].backends[0].weight = 0;
    const Build made = must_build(config);
    EXPECT_EQ(state(backend_at(made.tables, "web", 0)), BackendState::kDraining);
    const RingSlots& slots = *made.new_rings[0].slots;
    EXPECT_EQ(std::count(slots.begin(), slots.end(), 0), 0);
}

TEST(Build, WithoutASeedTheKeyStays) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.gateway.key.reset();
    const Build after = must_build(config, before.tables);
    EXPECT_EQ(after.tables.key, before.tables.key);
    EXPECT_TRUE(after.new_rings.empty());
}

TEST(Build, APoolThatComesBackUnderItsNameStartsWithANewSalt) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config::Config without = config;
    without.pools.pop_back();
    without.services.pop_back();
    const Build removed = must_build(without, before.tables);
    const Build back = must_build(config, removed.tables);
    EXPECT_NE(find_pool(back.tables, "db")->salt, find_pool(before.tables, "db")->salt);
    EXPECT_NE(find_pool(back.tables, "db")->salt, find_pool(back.tables, "web")->salt);
}

TEST(Build, ABaselineIsTheCountersValueWhenItWasAllocated) {
    const Counters counters{
        .service =
            [](std::uint32_t) {
                return CounterValue{7, 700};
            },
        .backend =
            [](std::uint32_t) {
                return CounterValue{9, 900};
            },
    };
    const Build made = build(sample::config(), sample::facts(), {}, counters, 0).value();
    EXPECT_EQ(made.tables.services[0].baseline_packets, 7u);
    EXPECT_EQ(made.tables.services[0].baseline_bytes, 700u);
    EXPECT_EQ(backend_at(made.tables, "web", 2).baseline_packets, 9u);
    const Build again = must_build(sample::config(), made.tables);
    EXPECT_EQ(again.tables.services[0].baseline_packets, 7u);
    EXPECT_EQ(backend_at(again.tables, "web", 2).baseline_bytes, 900u);
}

TEST(Build, NoTwoBackendsShareACounter) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.pools[0].backends[1] = backend("new", "10.0.0.99");
    const Build after = must_build(config, before.tables);
    std::set<std::uint32_t> numbers;
    for (const abi::BackendEntry& entry : after.tables.backends)
        EXPECT_TRUE(numbers.insert(entry.counter).second);
    EXPECT_EQ(numbers.size(), 5u);
}

TEST(Build, ABackendWithoutANextHopIsUnresolvedButInTheRing) {
    net::Facts facts = sample::facts();
    facts.next_hop = [](const IpAddress&) { return std::nullopt; };
    const Build made = build(sample::config(), facts, {}, sample::zero_counters(), 0).value();
    EXPECT_EQ(backend_at(made.tables, "web", 0).resolved, 0);
    EXPECT_EQ(made.new_rings.size(), 2u);
}

TEST(Build, CountersSufficeWhenManyBackendsAreAllReplaced) {
    config::Config config = sample::config();
    config.pools.resize(1);
    config.services.resize(1);
    const auto fill = [&](std::uint32_t first) {
        config.pools[0].backends.clear();
        for (std::uint32_t i = 0; i < 40'000; ++i) {
            config::Backend one;
            one.address = IpAddress::from_v4(Be32::from_host(0x0b000000 + first + i));
            config.pools[0].backends.push_back(one);
        }
    };
    fill(0);
    const Build before = must_build(config, {}, 1000);
    fill(100'000);
    config.pools[0].backends.push_back(backend("kept", "11.0.0.0"));  // the first one before
    EXPECT_EQ(must_build(config, before.tables, 1000).tables.backends.size(), 40'001u)
        << "they take over the indices of removed ones";
    config.pools[0].backends.pop_back();
    EXPECT_EQ(must_build(config, before.tables, 1000).tables.backends.size(), 40'000u)
        << "all are replaced";
    config.pools[0].backends.clear();
    const Build removed = must_build(config, before.tables, 1000);
    EXPECT_EQ(removed.tables.backends.size(), 40'000u) << "they may come back";
    fill(100'000);
    const Build late = must_build(config, removed.tables, 1001 + kFlowMemory_s);
    EXPECT_EQ(late.tables.backends.size(), 40'000u);
}

TEST(Build, APoolWhoseBackendsAreAllReplacedStartsAnew) {
    config::Config config = sample::config();
    const Build before = must_build(config);
    config.pools[0].backends = {backend("new1", "10.0.1.1"), backend("new2", "10.0.1.2")};
    const Build after = must_build(config, before.tables);
    EXPECT_EQ(after.tables.pools[0].backend_count, 2u);
    EXPECT_NE(after.tables.pools[0].salt, before.tables.pools[0].salt)
        << "flows that name the former backends have other tags";
    EXPECT_EQ(after.tables.pools[1].salt, before.tables.pools[1].salt);
    config.pools[0].backends.push_back(backend("web1", "10.0.0.11"));
    const Build partly = must_build(config, before.tables);
    EXPECT_EQ(partly.tables.pools[0].salt, before.tables.pools[0].salt);
    EXPECT_EQ(partly.tables.pools[0].backend_count, 5u) << "web2 and web3 are retired";
}

}  // namespace
}  // namespace vipfwd::table
