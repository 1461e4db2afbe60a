// SPDX-License-Identifier: Apache-2.0
#include "control/table/generation_tables.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "dataplane/abi/validate.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

// Has an entry in each table.
Tables full_tables() {
    config::Config config = sample::config();
    config.groups = {sample::group("edge", {sample::ip("10.0.0.100")})};
    return sample::must_build(config).tables;
}

TEST(GenerationTables, WhatIsWrittenIsReadBack) {
    Tables tables = full_tables();
    tables.generation = 7;
    const auto generation = std::make_unique<abi::Generation>();
    write_tables(tables, *generation);
    EXPECT_TRUE(abi::validate_tables(*generation));
    EXPECT_EQ(generation->header.generation, 7u);
    abi::for_each_table(
        [&](const auto& table) { EXPECT_GT(generation->header.*table.count, 0u) << table.name; });
    EXPECT_TRUE(same(read_tables(*generation), tables));
}

TEST(GenerationTables, AChangeOfAnyTableIsWorthAGeneration) {
    const Tables tables = full_tables();
    Tables changed = tables;
    EXPECT_TRUE(same(changed, tables));
    abi::for_each_table([&]<typename Table>(const Table& table) {
        auto& entries = changed.*kVectorOf<typename Table::Entry>;
        reinterpret_cast<unsigned char&>(entries[0]) ^= 1;
        EXPECT_FALSE(same(changed, tables)) << table.name;
        reinterpret_cast<unsigned char&>(entries[0]) ^= 1;
        EXPECT_TRUE(same(changed, tables)) << table.name;
        entries.emplace_back();
        EXPECT_FALSE(same(changed, tables)) << table.name;
        entries.pop_back();
    });
}

TEST(GenerationTables, AChangeOfAnySettingIsWorthAGeneration) {
    const Tables tables = full_tables();
    const auto changes = [&](auto change) {
        Tables other = tables;
        change(other);
        return !same(other, tables);
    };
    EXPECT_FALSE(changes([](Tables&) {}));
    EXPECT_TRUE(changes([](Tables& t) { t.key = {{7, 8}}; }));
    EXPECT_TRUE(changes([](Tables& t) { t.next_pool_salt = 99; }));
    EXPECT_TRUE(changes([](Tables& t) { t.timeouts.closing_s = 9; }));
    EXPECT_TRUE(changes([](Tables& t) { t.new_flows_per_s = 9; }));
    EXPECT_TRUE(changes([](Tables& t) { t.service_share_percent = 9; }));
    EXPECT_TRUE(changes([](Tables& t) { t.gue_port = 9; }));
}

TEST(GenerationTables, ATableThatDoesNotFitIsNamed) {
    Tables tables = full_tables();
    EXPECT_TRUE(check_limits(tables));
    abi::for_each_table([&]<typename Table>(const Table& table) {
        auto& entries = tables.*kVectorOf<typename Table::Entry>;
        entries.resize(table.kLimit);
        EXPECT_TRUE(check_limits(tables)) << table.name;
        entries.emplace_back();
        EXPECT_EQ(check_limits(tables).error().message,
                  "region: " + std::string(table.name) + " count " +
                      std::to_string(table.kLimit + 1) + " is beyond the limit of " +
                      std::to_string(table.kLimit));
        entries.pop_back();
    });
}

}  // namespace
}  // namespace vipfwd::table
