// SPDX-License-Identifier: Apache-2.0
#include "control/view/snapshot.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "control/view/in_force.h"

namespace vipfwd::view {

Snapshot take_snapshot(const Source& source, std::shared_ptr<const config::Config> config,
                       std::function<net::Hop(const IpAddress&)> find_hop) {
    return {.config = std::move(config),
            .tables = source.publisher != nullptr ? source.publisher->shared_tables()
                                                  : std::make_shared<const table::Tables>(),
            .publisher = source.publisher,
            .ports = port_names(source),
            .find_hop = std::move(find_hop)};
}

bool has_all_rings(const table::Tables& tables, const Source& now) {
    const table::Tables& in_force = tables_in_force(now);
    if (&tables == &in_force)
        return true;
    std::unordered_map<std::uint32_t, std::uint64_t> checksums;  // by ring store
    for (const abi::PoolEntry& pool : in_force.pools) {
        if (pool.ring_store != abi::kNoRing)
            checksums.emplace(pool.ring_store, pool.ring_checksum);
    }
    return std::ranges::all_of(tables.pools, [&](const abi::PoolEntry& pool) {
        const auto same = checksums.find(pool.ring_store);
        return pool.ring_store == abi::kNoRing ||
               (same != checksums.end() && same->second == pool.ring_checksum);
    });
}

}  // namespace vipfwd::view
