// SPDX-License-Identifier: Apache-2.0
#include "control/view/backends.h"

#include "control/table/backend_entries.h"

namespace vipfwd::view {
namespace {

using SharedViews = std::shared_ptr<const health::CheckViews>;

std::shared_ptr<const health::CheckView> check_of(const SharedViews& views,
                                                  const Snapshot& snapshot, std::size_t pool,
                                                  std::size_t backend) {
    if (views->config != snapshot.config)
        return nullptr;
    const std::uint32_t check = views->of_backends[views->numbers->of(pool, backend)];
    return check != health::CheckViews::kUnchecked
               ? std::shared_ptr<const health::CheckView>(views, &views->checks[check])
               : nullptr;
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

std::optional<std::uint64_t> flows_left(const Snapshot& snapshot, const std::string& pool,
                                        const abi::BackendEntry& entry) {
    if (!snapshot.draining_flows || !table::is_draining_by_choice(entry))
        return std::nullopt;
    const auto* const counted = table::find_draining(*snapshot.draining_flows, pool, entry.address);
    return counted != nullptr ? std::optional(counted->flows) : std::nullopt;
}

void add_pool(const Snapshot& snapshot, const SharedViews& checks, std::size_t number,
              std::vector<BackendRow>& rows) {
    const config::Pool& pool = snapshot.config->pools[number];
    const table::Tables& tables = *snapshot.tables;
    const std::vector<const abi::BackendEntry*> entries = table::backend_entries(tables, pool);
    const abi::PoolEntry* in_force = table::find_pool(tables, pool.name);
    const std::vector<std::uint32_t> slots =
        in_force != nullptr ? count_slots(snapshot, *in_force) : std::vector<std::uint32_t>();
    const auto counters = in_force != nullptr ? snapshot.publisher->counters() : table::Counters();
    for (std::size_t i = 0; i < pool.backends.size(); ++i) {
        BackendRow& row = rows.emplace_back(BackendRow{
            .pool = pool, .backend = pool.backends[i], .weight = pool.backends[i].weight});
        const abi::BackendEntry* entry = entries[i];
        const net::Hop now =
            snapshot.find_hop ? snapshot.find_hop(row.backend.address) : net::Hop{};
        row.next_hop = next_hop(now, *snapshot.config, entry, snapshot.ports);
        row.check = check_of(checks, snapshot, number, i);
        if (entry == nullptr)
            continue;
        row.state = state_of(*entry);
        row.weight = entry->ring_weight;
        row.starts_slowly = entry->came_up_at_ms != 0;
        row.admin = static_cast<abi::BackendAdmin>(entry->admin);
        row.slots = slots[entry - (tables.backends.data() + in_force->backend_base)];
        row.share = static_cast<double>(row.slots) / in_force->ring_slots;
        row.traffic =
            since(counters.backend(entry->counter), entry->baseline_packets, entry->baseline_bytes);
        row.flows_left = flows_left(snapshot, pool.name, *entry);
    }
}

}  // namespace

// A backend whose checks fail is shown as down, whether it keeps its flows or not.
BackendDisplayState state_of(const abi::BackendEntry& entry) {
    const bool is_down = table::has_health(entry, abi::BackendHealth::kDown);
    if (table::has_state(entry, abi::BackendState::kServing))
        return is_down ? BackendDisplayState::kFailOpen : BackendDisplayState::kServing;
    if (table::is_draining_by_choice(entry))
        return BackendDisplayState::kDraining;
    if (is_down || table::has_health(entry, abi::BackendHealth::kUnknown) || entry.weight == 0 ||
        entry.admin != static_cast<std::uint8_t>(abi::BackendAdmin::kReady))
        return BackendDisplayState::kDown;
    return BackendDisplayState::kStandby;
}

BackendCount count_backends(const table::Tables& tables, const abi::PoolEntry& pool) {
    BackendCount count;
    for (const abi::BackendEntry& backend : table::backends_of(tables, pool)) {
        if (table::is_retired(backend))
            continue;
        const BackendDisplayState state = state_of(backend);
        const bool serves =
            state == BackendDisplayState::kServing || state == BackendDisplayState::kFailOpen;
        count.serving += serves ? 1 : 0;
        count.draining += state == BackendDisplayState::kDraining ? 1 : 0;
        count.down += state == BackendDisplayState::kDown ? 1 : 0;
        count.standby += state == BackendDisplayState::kStandby ? 1 : 0;
    }
    return count;
}

BackendCount count_backends(const table::Tables& tables, std::string_view pool) {
    const abi::PoolEntry* const entry = table::find_pool(tables, pool);
    return entry != nullptr ? count_backends(tables, *entry) : BackendCount();
}

std::vector<BackendRow> backends(const Snapshot& snapshot, std::string_view pool) {
    std::vector<BackendRow> rows;
    const auto checks = std::make_shared<const health::CheckViews>(
        snapshot.checks ? snapshot.checks() : health::CheckViews());
    for (std::size_t i = 0; i < snapshot.config->pools.size(); ++i) {
        if (pool.empty() || snapshot.config->pools[i].name == pool)
            add_pool(snapshot, checks, i, rows);
    }
    return rows;
}

}  // namespace vipfwd::view
