// SPDX-License-Identifier: Apache-2.0
#include "control/table/unnamed_indices.h"

#include <algorithm>
#include <span>

namespace vipfwd::table {
namespace {

using abi::FlowCensus;

// Whether the worker has a flow of a class that has used the pool, and that names the index.
bool may_name(const FlowCensus& census, const abi::PoolEntry& pool, std::uint16_t index) {
    return any_flow_class(pool,
                          [&](std::uint8_t flow_class) { return census.names(flow_class, index); });
}

bool is_unnamed(std::span<const FlowCensus* const> censuses, const abi::PoolEntry& pool,
                std::uint32_t index, const abi::BackendEntry& backend) {
    return is_retired(backend) && std::ranges::all_of(censuses, [&](const FlowCensus* census) {
               return census->generation.load() >= backend.retired_in &&
                      !may_name(*census, pool, static_cast<std::uint16_t>(index));
           });
}

}  // namespace

std::vector<const FlowCensus*> censuses_of(const abi::DataplaneStatus& status) {
    std::vector<const FlowCensus*> all;
    for (std::uint32_t worker = 0; worker < abi::kMaxWorkers; ++worker) {
        if (status.workers[worker].heartbeat_ns.load() != 0)
            all.push_back(&status.censuses[worker]);
    }
    return all;
}

bool Census::is_done() const {
    if (status == nullptr || request == 0)
        return false;
    const std::vector<const FlowCensus*> all = censuses_of(*status);
    return !all.empty() && std::ranges::all_of(all, [this](const FlowCensus* census) {
        return census->is_done(request);
    });
}

std::vector<bool> find_unnamed(const Tables& tables, const Census& census) {
    std::vector<bool> unnamed(tables.backends.size());
    if (!census.is_done())
        return unnamed;
    const std::vector<const FlowCensus*> all = censuses_of(*census.status);
    for (const abi::PoolEntry& pool : tables.pools) {
        for (std::uint32_t index = 0; index < pool.backend_count; ++index) {
            const std::uint32_t backend = pool.backend_base + index;
            unnamed[backend] = is_unnamed(all, pool, index, tables.backends[backend]);
        }
    }
    const bool is_valid = std::ranges::all_of(
        all, [&](const FlowCensus* one) { return one->is_still_done(census.request); });
    return is_valid ? unnamed : std::vector<bool>(tables.backends.size());
}

}  // namespace vipfwd::table
