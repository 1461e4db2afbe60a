// SPDX-License-Identifier: Apache-2.0
// The tables of a generation, as a list. What has to be done for every table (copy, detection of
// changes, checksum, limits, validation of its entries, control's reading and writing) is written
// once, over this list. README.md tells how to add a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "dataplane/abi/region.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::abi {

template <typename EntryType, std::size_t kEntries>
struct Table {
    using Entry = EntryType;
    static constexpr std::uint32_t kLimit = kEntries;

    std::string_view name;  // of one entry, in messages
    EntryType (Generation::*entries)[kEntries];
    std::uint32_t GenerationHeader::*count;  // of entries that are used
    std::uint32_t RegionHeader::*limit;      // kLimit, as the region's header repeats it
};

// clang before 17 deduces no template arguments of aggregates by itself.
template <typename EntryType, std::size_t kEntries>
Table(std::string_view, EntryType (Generation::*)[kEntries], std::uint32_t GenerationHeader::*,
      std::uint32_t RegionHeader::*) -> Table<EntryType, kEntries>;

// In the order of Generation, which is the order that the checksum goes by.
inline constexpr std::tuple kTables = {
    Table{"port", &Generation::ports, &GenerationHeader::port_count, &RegionHeader::max_ports},
    Table{"group", &Generation::groups, &GenerationHeader::group_count, &RegionHeader::max_groups},
    Table{"advert", &Generation::adverts, &GenerationHeader::advert_count,
          &RegionHeader::max_adverts},
    Table{"VIP", &Generation::vips, &GenerationHeader::vip_count, &RegionHeader::max_vips},
    Table{"service", &Generation::services, &GenerationHeader::service_count,
          &RegionHeader::max_services},
    Table{"pool", &Generation::pools, &GenerationHeader::pool_count, &RegionHeader::max_pools},
    Table{"backend", &Generation::backends, &GenerationHeader::backend_count,
          &RegionHeader::max_backends},
};

// Calls `visit` with each Table, in order.
template <typename Visit>
constexpr void for_each_table(Visit visit) {
    std::apply([&](const auto&... table) { (visit(table), ...); }, kTables);
}

// Calls `test` with each Table, in order, until it returns false. True if it never did.
template <typename Test>
constexpr bool all_of_tables(Test test) {
    return std::apply([&](const auto&... table) { return (test(table) && ...); }, kTables);
}

// The entries that are used. Requires a count within the limit.
template <typename Entry, std::size_t kEntries>
std::span<const Entry> entries_of(const Generation& generation,
                                  const Table<Entry, kEntries>& table) {
    return std::span(generation.*table.entries).first(generation.header.*table.count);
}

// What a generation with this header uses of its space in the region.
inline std::size_t used_bytes(const GenerationHeader& header) {
    std::size_t bytes = sizeof header;
    for_each_table([&]<typename Entry, std::size_t kEntries>(const Table<Entry, kEntries>& table) {
        bytes += header.*table.count * sizeof(Entry);
    });
    return bytes;
}

// Entries are compared and summed up as bytes: padding would make equal entries differ.
static_assert(
    all_of_tables([]<typename Entry, std::size_t kEntries>(const Table<Entry, kEntries>&) {
        return std::has_unique_object_representations_v<Entry>;
    }));

// No table of Generation is missing in the list.
static_assert([] {
    std::size_t bytes = sizeof(GenerationHeader);
    for_each_table([&]<typename Entry, std::size_t kEntries>(const Table<Entry, kEntries>&) {
        bytes += kEntries * sizeof(Entry);
    });
    return (bytes + alignof(Generation) - 1) / alignof(Generation) * alignof(Generation);
}() == sizeof(Generation));

}  // namespace vipfwd::abi
