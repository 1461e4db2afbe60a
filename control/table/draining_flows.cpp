// SPDX-License-Identifier: Apache-2.0
#include "control/table/draining_flows.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>

#include "control/table/flow_counting.h"
#include "dataplane/abi/flow_census.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::table {
namespace {

std::vector<std::uint8_t> classes_of(const abi::PoolEntry& pool) {
    std::vector<std::uint8_t> classes;
    any_flow_class(pool, [&](std::uint8_t flow_class) {
        classes.push_back(flow_class);
        return false;
    });
    return classes;
}

auto identity(std::string_view pool, const IpAddress& address) {
    return std::tuple(pool, address);
}

auto identity_of(const DrainingFlows& flows) {
    return identity(flows.pool, flows.address);
}

}  // namespace

DrainingWatch watch_draining(const Tables& tables) {
    DrainingWatch watch;
    for (const abi::PoolEntry& pool : tables.pools) {
        for (std::uint32_t index = 0; index < pool.backend_count; ++index) {
            const abi::BackendEntry& entry = tables.backends[pool.backend_base + index];
            if (!is_draining_by_choice(entry))
                continue;
            const std::vector<std::uint8_t> classes = classes_of(pool);
            if (watch.keys.size() + classes.size() > abi::kMaxWatchedBackends)
                continue;
            watch.backends.push_back({.pool = pool.name,
                                      .address = entry.address,
                                      .first = watch.keys.size(),
                                      .count = classes.size()});
            for (const std::uint8_t flow_class : classes)
                watch.keys.push_back(
                    abi::WatchedBackends::key(flow_class, static_cast<std::uint16_t>(index)));
        }
    }
    return watch;
}

std::vector<DrainingFlows> count_draining(const DrainingWatch& watch, const Census& census) {
    const std::optional<std::vector<std::uint64_t>> flows = read_watched(census, watch.keys.size());
    if (!flows)
        return {};
    std::vector<DrainingFlows> counted;
    for (const DrainingWatch::Backend& backend : watch.backends) {
        const auto first = flows->begin() + static_cast<std::ptrdiff_t>(backend.first);
        counted.push_back(
            {.pool = backend.pool,
             .address = backend.address,
             .flows = std::accumulate(first, first + static_cast<std::ptrdiff_t>(backend.count),
                                      std::uint64_t{0})});
    }
    std::ranges::sort(counted, {}, identity_of);
    return counted;
}

const DrainingFlows* find_draining(const std::vector<DrainingFlows>& all, std::string_view pool,
                                   const IpAddress& address) {
    const auto wanted = identity(pool, address);
    const auto at = std::ranges::lower_bound(all, wanted, {}, identity_of);
    return at != all.end() && identity_of(*at) == wanted ? &*at : nullptr;
}

}  // namespace vipfwd::table
