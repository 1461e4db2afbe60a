// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/table_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace vipfwd::abi {
namespace {

TEST(TableList, IsInTheOrderOfGeneration) {
    const auto generation = std::make_unique<Generation>();
    std::vector<const void*> starts;
    for_each_table([&](const auto& table) { starts.push_back((*generation).*table.entries); });
    EXPECT_TRUE(std::is_sorted(starts.begin(), starts.end()));
}

TEST(TableList, NoTwoTablesShareANameACountOrALimit) {
    std::set<std::string_view> names;
    GenerationHeader header{};
    RegionHeader region{};
    for_each_table([&](const auto& table) {
        EXPECT_TRUE(names.insert(table.name).second) << table.name;
        EXPECT_EQ(std::exchange(header.*table.count, 1), 0u) << table.name;
        EXPECT_EQ(std::exchange(region.*table.limit, 1), 0u) << table.name;
    });
}

TEST(TableList, TheRegionsHeaderRepeatsTheLimits) {
    const RegionHeader header = make_region_header(1);
    EXPECT_EQ(header.max_ports, kMaxPorts);
    EXPECT_EQ(header.max_backends, kMaxBackends);
    for_each_table(
        [&](const auto& table) { EXPECT_EQ(header.*table.limit, table.kLimit) << table.name; });
}

TEST(TableList, StopsAtTheFirstTableThatFailsATest) {
    int visited = 0;
    EXPECT_FALSE(all_of_tables([&](const auto&) { return ++visited < 3; }));
    EXPECT_EQ(visited, 3);
}

TEST(TableList, OnlyUsedEntriesCount) {
    const auto generation = std::make_unique<Generation>();
    EXPECT_EQ(used_bytes(generation->header), sizeof(GenerationHeader));
    generation->header.port_count = 2;
    generation->header.backend_count = 3;
    EXPECT_EQ(used_bytes(generation->header),
              sizeof(GenerationHeader) + 2 * sizeof(PortEntry) + 3 * sizeof(BackendEntry));
    std::size_t entries = 0;
    for_each_table([&](const auto& table) { entries += entries_of(*generation, table).size(); });
    EXPECT_EQ(entries, 5u);
}

}  // namespace
}  // namespace vipfwd::abi
