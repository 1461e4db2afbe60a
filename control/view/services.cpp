// SPDX-License-Identifier: Apache-2.0
#include "control/view/services.h"

#include <map>
#include <string_view>
#include <tuple>

#include "control/view/backends.h"
#include "control/view/in_force.h"

namespace vipfwd::view {
namespace {

using Identity = std::tuple<IpAddress, std::uint8_t, std::uint16_t, std::uint16_t>;

Identity identity(const config::Service& service) {
    return {service.vip, static_cast<std::uint8_t>(service.protocol), service.port_first,
            service.port_last};
}

std::map<Identity, const abi::ServiceEntry*> entries_by_identity(const table::Tables& tables) {
    std::map<Identity, const abi::ServiceEntry*> entries;
    for (const abi::ServiceEntry& entry : tables.services)
        entries.emplace(Identity{entry.vip, entry.protocol, entry.port_first, entry.port_last},
                        &entry);
    return entries;
}

struct PoolInForce {
    BackendCount count;
    bool fails_open = false;
};

std::map<std::string_view, PoolInForce> pools_by_name(const table::Tables& tables) {
    std::map<std::string_view, PoolInForce> pools;
    for (const abi::PoolEntry& pool : tables.pools)
        pools[pool.name] = {count_backends(tables, pool), pool.fails_open != 0};
    return pools;
}

}  // namespace

std::vector<ServiceRow> services(const Snapshot& snapshot) {
    const table::Tables& tables = *snapshot.tables;
    const auto entries = entries_by_identity(tables);
    const auto pools = pools_by_name(tables);
    std::vector<ServiceRow> rows;
    rows.reserve(snapshot.config->services.size());
    for (const config::Service& service : snapshot.config->services) {
        ServiceRow& row = rows.emplace_back(
            ServiceRow{.service = service, .pool = snapshot.config->pools[service.pool]});
        if (const auto pool = pools.find(row.pool.name); pool != pools.end()) {
            row.serving = pool->second.count.serving;
            row.draining = pool->second.count.draining;
            row.down = pool->second.count.down;
            row.standby = pool->second.count.standby;
            row.fails_open = pool->second.fails_open;
        }
        if (const auto entry = entries.find(identity(service)); entry != entries.end()) {
            const abi::ServiceEntry& in_force = *entry->second;
            row.traffic = since(snapshot.publisher->counters().service(in_force.counter),
                                in_force.baseline_packets, in_force.baseline_bytes);
        }
    }
    return rows;
}

}  // namespace vipfwd::view
