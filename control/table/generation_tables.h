// SPDX-License-Identifier: Apache-2.0
// The tables of one generation in control's own memory, and their way into and out of the region.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/abi/table_list.h"

namespace vipfwd::table {

struct Tables {
    std::uint64_t generation = 0;  // its number in the region; 0: it is not there
    abi::HashKey key;
    std::uint32_t next_pool_salt = 1;
    abi::FlowTimeouts timeouts{};
    std::uint32_t new_flows_per_s = 0;  // 0: no limit
    std::uint16_t gue_port = 0;
    std::uint16_t service_share_percent = abi::kDefaultServiceShare_percent;
    std::vector<abi::PortEntry> ports;
    std::vector<abi::GroupEntry> groups;      // in the order of the configuration
    std::vector<abi::AdvertEntry> adverts;    // in the order of their groups
    std::vector<abi::VipEntry> vips;          // ordered by address
    std::vector<abi::ServiceEntry> services;  // in the order of the configuration
    std::vector<abi::PoolEntry> pools;        // in the order of the configuration
    std::vector<abi::BackendEntry> backends;
};

// The vector that holds each table of abi::kTables, found by its type.
inline constexpr std::tuple kVectors = {&Tables::ports,   &Tables::groups,   &Tables::adverts,
                                        &Tables::vips,    &Tables::services, &Tables::pools,
                                        &Tables::backends};
template <typename Entry>
inline constexpr auto kVectorOf = std::get<std::vector<Entry> Tables::*>(kVectors);

// An error that names the table if one has more entries than fit into a generation.
Result<void> check_limits(const Tables& tables);

// True if publishing `next` would change nothing but the number of the generation.
bool same(const Tables& next, const Tables& previous);

// Fills a generation of the number `tables.generation`, with its checksum. Requires check_limits().
void write_tables(const Tables& tables, abi::Generation& to);

// Requires that the generation validates.
Tables read_tables(const abi::Generation& generation);

// Of a pool in `tables`, in the order of their indices.
inline std::span<const abi::BackendEntry> backends_of(const Tables& tables,
                                                      const abi::PoolEntry& pool) {
    return std::span(tables.backends).subspan(pool.backend_base, pool.backend_count);
}

// The lease of the group of that name, or kNoGroup.
std::uint16_t find_lease(const Tables& tables, std::string_view group);

inline bool has_state(const abi::BackendEntry& backend, abi::BackendState state) {
    return backend.state == static_cast<std::uint8_t>(state);
}

inline bool is_retired(const abi::BackendEntry& backend) {
    return has_state(backend, abi::BackendState::kRetired);
}

inline bool has_health(const abi::BackendEntry& backend, abi::BackendHealth health) {
    return backend.health == static_cast<std::uint8_t>(health);
}

// Whether it gets no new flows because of an operator's choice, its agent or its weight, and not
// because of its health or its pool's policy.
inline bool is_draining_by_choice(const abi::BackendEntry& backend) {
    const bool is_chosen = backend.weight == 0 ||
                           backend.admin != static_cast<std::uint8_t>(abi::BackendAdmin::kReady);
    return is_chosen && has_state(backend, abi::BackendState::kDraining) &&
           !has_health(backend, abi::BackendHealth::kDown) &&
           !has_health(backend, abi::BackendHealth::kUnknown);
}

// Whether packets to the backend are dropped because its next hop is not resolved. One that is
// retired or down gets none.
inline bool lacks_next_hop(const abi::BackendEntry& backend) {
    return backend.resolved == 0 && !is_retired(backend) &&
           !has_state(backend, abi::BackendState::kDown);
}

// The pool of that name, or null.
const abi::PoolEntry* find_pool(const Tables& tables, std::string_view name);
// The same. At once if it is at `position`, where tables of the configuration in force have it.
const abi::PoolEntry* find_pool(const Tables& tables, std::string_view name, std::size_t position);

}  // namespace vipfwd::table
