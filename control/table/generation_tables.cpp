// SPDX-License-Identifier: Apache-2.0
#include "control/table/generation_tables.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "dataplane/abi/validate.h"

namespace vipfwd::table {
namespace {

// A field that a generation's header has as Tables have it.
template <typename Value>
struct HeaderField {
    Value abi::GenerationHeader::*in_header;
    Value Tables::*in_tables;
};

template <typename Value>
HeaderField(Value abi::GenerationHeader::*, Value Tables::*) -> HeaderField<Value>;

constexpr std::tuple kHeaderFields = {
    HeaderField{&abi::GenerationHeader::key, &Tables::key},
    HeaderField{&abi::GenerationHeader::next_pool_salt, &Tables::next_pool_salt},
    HeaderField{&abi::GenerationHeader::timeouts, &Tables::timeouts},
    HeaderField{&abi::GenerationHeader::new_flows_per_s, &Tables::new_flows_per_s},
    HeaderField{&abi::GenerationHeader::gue_port, &Tables::gue_port},
    HeaderField{&abi::GenerationHeader::service_share_percent, &Tables::service_share_percent},
};

template <typename Visit>
void for_each_field(Visit visit) {
    std::apply([&](const auto&... field) { (visit(field), ...); }, kHeaderFields);
}

template <typename Entry>
bool same_entries(const std::vector<Entry>& a, const std::vector<Entry>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(Entry)) == 0);
}

}  // namespace

Result<void> check_limits(const Tables& tables) {
    Result<void> result;
    abi::all_of_tables([&]<typename Table>(const Table& table) {
        const std::size_t count = (tables.*kVectorOf<typename Table::Entry>).size();
        if (count > table.kLimit) {
            result =
                Error{"region: " + std::string(table.name) + " count " + std::to_string(count) +
                      " is beyond the limit of " + std::to_string(table.kLimit)};
        }
        return count <= table.kLimit;
    });
    return result;
}

bool same(const Tables& next, const Tables& previous) {
    bool same_fields = true;
    for_each_field([&](const auto& field) {
        same_fields = same_fields && next.*field.in_tables == previous.*field.in_tables;
    });
    return same_fields && abi::all_of_tables([&]<typename Table>(const Table&) {
               constexpr auto vector = kVectorOf<typename Table::Entry>;
               return same_entries(next.*vector, previous.*vector);
           });
}

void write_tables(const Tables& tables, abi::Generation& to) {
    to.header = {};
    to.header.magic = abi::kGenerationMagic;
    to.header.generation = tables.generation;
    for_each_field(
        [&](const auto& field) { to.header.*field.in_header = tables.*field.in_tables; });
    abi::for_each_table([&]<typename Table>(const Table& table) {
        const auto& entries = tables.*kVectorOf<typename Table::Entry>;
        to.header.*table.count = static_cast<std::uint32_t>(entries.size());
        std::copy(entries.begin(), entries.end(), to.*table.entries);
    });
    to.header.checksum = abi::checksum_of(to);
}

Tables read_tables(const abi::Generation& generation) {
    Tables tables;
    tables.generation = generation.header.generation;
    for_each_field(
        [&](const auto& field) { tables.*field.in_tables = generation.header.*field.in_header; });
    abi::for_each_table([&]<typename Table>(const Table& table) {
        const auto entries = abi::entries_of(generation, table);
        (tables.*kVectorOf<typename Table::Entry>).assign(entries.begin(), entries.end());
    });
    return tables;
}

std::uint16_t find_lease(const Tables& tables, std::string_view group) {
    const auto found = std::find_if(tables.groups.begin(), tables.groups.end(),
                                    [&](const abi::GroupEntry& one) { return group == one.name; });
    return found == tables.groups.end() ? abi::kNoGroup : found->lease;
}

const abi::PoolEntry* find_pool(const Tables& tables, std::string_view name) {
    const auto found = std::find_if(tables.pools.begin(), tables.pools.end(),
                                    [&](const abi::PoolEntry& pool) { return name == pool.name; });
    return found == tables.pools.end() ? nullptr : &*found;
}

const abi::PoolEntry* find_pool(const Tables& tables, std::string_view name, std::size_t position) {
    if (position < tables.pools.size() && name == tables.pools[position].name)
        return &tables.pools[position];
    return find_pool(tables, name);
}

}  // namespace vipfwd::table
