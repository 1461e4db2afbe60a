// SPDX-License-Identifier: Apache-2.0
#include "control/table/draining_flows.h"

#include <algorithm>
#include <tuple>

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
    if (!census.is_done())
        return {};
    const std::vector<const abi::FlowCensus*> all = censuses_of(*census.status);
    std::vector<DrainingFlows> counted;
    for (const DrainingWatch::Backend& backend : watch.backends) {
        DrainingFlows& flows =
            counted.emplace_back(DrainingFlows{.pool = backend.pool, .address = backend.address});
        for (const abi::FlowCensus* one : all) {
            for (std::size_t key = backend.first; key < backend.first + backend.count; ++key)
                flows.flows += one->watched[key].read();
        }
    }
    if (!std::ranges::all_of(
            all, [&](const abi::FlowCensus* one) { return one->is_still_done(census.request); }))
        return {};
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
