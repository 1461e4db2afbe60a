// SPDX-License-Identifier: Apache-2.0
#include "control/view/backends.h"

namespace vipfwd::view {
namespace {

BackendDisplayState display_state(const abi::BackendEntry& entry) {
    const bool serves = entry.state == static_cast<std::uint8_t>(abi::BackendState::kServing);
    return serves ? BackendDisplayState::kServing : BackendDisplayState::kDraining;
}

// How many slots of the pool's ring each backend has, by its index within the pool.
std::vector<std::uint32_t> count_slots(const Snapshot& snapshot, const abi::PoolEntry& pool) {
    std::vector<std::uint32_t> slots(pool.backend_count);
    for (const std::uint16_t index : snapshot.publisher->ring(pool)) {
        if (index < slots.size())
            ++slots[index];
    }
    return slots;
}

void add_pool(const Snapshot& snapshot, const config::Pool& pool, std::vector<BackendRow>& rows) {
    const table::Tables& tables = *snapshot.tables;
    const std::vector<const abi::BackendEntry*> entries = table::backend_entries(tables, pool);
    const abi::PoolEntry* in_force = table::find_pool(tables, pool.name);
    const std::vector<std::uint32_t> slots =
        in_force != nullptr ? count_slots(snapshot, *in_force) : std::vector<std::uint32_t>();
    const auto counters = in_force != nullptr ? snapshot.publisher->counters() : table::Counters();
    for (std::size_t i = 0; i < pool.backends.size(); ++i) {
        BackendRow& row = rows.emplace_back(BackendRow{.pool = pool, .backend = pool.backends[i]});
        const abi::BackendEntry* entry = entries[i];
        const net::Hop now =
            snapshot.find_hop ? snapshot.find_hop(row.backend.address) : net::Hop{};
        row.next_hop = next_hop(now, *snapshot.config, entry, snapshot.ports);
        if (entry == nullptr)
            continue;
        row.state = display_state(*entry);
        row.slots = slots[entry - (tables.backends.data() + in_force->backend_base)];
        row.share = static_cast<double>(row.slots) / in_force->ring_slots;
        row.traffic =
            since(counters.backend(entry->counter), entry->baseline_packets, entry->baseline_bytes);
    }
}

}  // namespace

std::vector<BackendRow> backends(const Snapshot& snapshot, std::string_view pool) {
    std::vector<BackendRow> rows;
    for (const config::Pool& one : snapshot.config->pools) {
        if (pool.empty() || one.name == pool)
            add_pool(snapshot, one, rows);
    }
    return rows;
}

}  // namespace vipfwd::view
