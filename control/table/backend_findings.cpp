// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_findings.h"

#include <unordered_set>

#include "control/table/group_digest.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::table {
namespace {

std::uint64_t digest_of_name(std::string_view pool) {
    return abi::checksum(std::as_bytes(std::span(pool.data(), pool.size())));
}

std::uint64_t key_of(std::uint64_t pool, const IpAddress& backend) {
    return abi::checksum(std::as_bytes(std::span(backend.bytes)), pool);
}

std::uint8_t state_of(const abi::BackendEntry& backend, bool is_writer) {
    std::uint8_t state = is_writer ? kIsWriter : 0;
    if (has_health(backend, abi::BackendHealth::kDown))
        state |= kFoundDown;
    if (has_health(backend, abi::BackendHealth::kUnknown))
        state |= kFoundUnknown;
    if (backend.admin != static_cast<std::uint8_t>(abi::BackendAdmin::kReady))
        state |= kTakenOut;
    return state;
}

}  // namespace

std::uint64_t backend_key(std::string_view pool, const IpAddress& backend) {
    return key_of(digest_of_name(pool), backend);
}

std::vector<BackendFinding> backend_findings(const Tables& tables,
                                             std::span<const IpAddress> vips) {
    std::vector<BackendFinding> findings;
    std::unordered_set<std::uint32_t> pools;
    for (const abi::ServiceEntry* service : services_of(tables, vips)) {
        if (!pools.insert(service->pool).second)
            continue;
        const abi::PoolEntry& pool = tables.pools[service->pool];
        const std::uint64_t name = digest_of_name(pool.name);
        for (std::uint32_t i = 0; i < pool.backend_count; ++i) {
            const std::uint32_t index = pool.backend_base + i;
            const abi::BackendEntry& backend = tables.backends[index];
            if (!is_retired(backend))
                findings.push_back({.key = key_of(name, backend.address),
                                    .pool = service->pool,
                                    .backend = index,
                                    .state = state_of(backend, pool.writer == i + 1)});
        }
    }
    return findings;
}

}  // namespace vipfwd::table
