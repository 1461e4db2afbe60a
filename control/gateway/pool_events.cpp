// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/pool_events.h"

#include <fmt/format.h>

#include <utility>

#include "dataplane/abi/address_text.h"

namespace vipfwd::gateway {

PoolEvents::PoolState PoolEvents::state_of(const table::Tables& tables,
                                           const abi::PoolEntry& pool) {
    PoolState state{.fails_open = pool.fails_open != 0, .tier = pool.tier};
    if (pool.writer != 0)
        state.writer = tables.backends[pool.backend_base + pool.writer - 1].address;
    return state;
}

void PoolEvents::compare(const std::string& name, const PoolState& was, const PoolState& is,
                         bool is_followed, std::vector<events::Event>& changes) {
    const auto add = [&](events::Level level, std::string change, std::string cause = {}) {
        changes.push_back({.level = level,
                           .object = events::Object::kPool,
                           .name = name,
                           .change = std::move(change),
                           .cause = std::move(cause)});
    };
    if (is.fails_open && !was.fails_open)
        add(events::Level::kWarning, "fails open: all its backends get new connections",
            "fewer than min_up are up");
    if (was.fails_open && !is.fails_open)
        add(events::Level::kInfo, "does not fail open any more");
    if (was.tier != is.tier)
        add(is.tier > was.tier ? events::Level::kWarning : events::Level::kInfo,
            fmt::format("backends up to tier {} get new connections", is.tier),
            fmt::format("before up to tier {}", was.tier));
    if (was.writer != IpAddress() && is.writer != IpAddress() && was.writer != is.writer)
        add(events::Level::kWarning,
            fmt::format("{} serves instead of {}", to_string(is.writer), to_string(was.writer)),
            is_followed ? "as at the gateway that owns the VIPs" : "");
}

std::vector<events::Event> PoolEvents::observe(const table::Tables& tables,
                                               const table::PoolWriters& followed) {
    std::vector<events::Event> changes;
    std::map<std::string, PoolState, std::less<>> pools;
    for (const abi::PoolEntry& pool : tables.pools) {
        const PoolState is = state_of(tables, pool);
        const auto before = pools_.find(std::string_view(pool.name));
        const PoolState unknown{.tier = is_first_ ? is.tier : PoolState().tier};
        const auto writer = followed.find(std::string_view(pool.name));
        const bool is_followed = writer != followed.end() && writer->second == is.writer;
        compare(pool.name, before != pools_.end() ? before->second : unknown, is, is_followed,
                changes);
        if (is != PoolState())
            pools.emplace(pool.name, is);
    }
    pools_ = std::move(pools);
    is_first_ = false;
    return changes;
}

}  // namespace vipfwd::gateway
