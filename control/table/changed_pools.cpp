// SPDX-License-Identifier: Apache-2.0
#include "control/table/changed_pools.h"

#include <algorithm>

#include "dataplane/abi/tables.h"

namespace vipfwd::table {
namespace {

// Standings are immutable: what is at the same place is the same.
bool is_same(const health::Standing& a, const health::Standing& b) {
    return a.verdict == b.verdict && a.failure == b.failure && a.agent == b.agent;
}

bool has_standings_changed(const config::Config& config, std::size_t pool,
                           const health::Standings& before, const health::Standings& now) {
    for (std::size_t i = 0; i < config.pools[pool].backends.size(); ++i) {
        if (!is_same(before.of(pool, i), now.of(pool, i)))
            return true;
    }
    return false;
}

bool depends_on_time(const Tables& tables, const abi::PoolEntry& pool) {
    return std::ranges::any_of(backends_of(tables, pool), [](const abi::BackendEntry& backend) {
        const bool waits_for_deadline =
            backend.admin == static_cast<std::uint8_t>(abi::BackendAdmin::kMaint);
        return !is_retired(backend) && (waits_for_deadline || backend.came_up_at_ms != 0);
    });
}

}  // namespace

std::vector<std::size_t> find_changed_pools(const config::Config& config, const Tables& tables,
                                            const Conditions& before, const Conditions& now) {
    std::vector<std::size_t> changed;
    for (std::size_t i = 0; i < config.pools.size(); ++i) {
        const bool has_changed =
            depends_on_time(tables, tables.pools[i]) ||
            (before.standings != now.standings &&
             has_standings_changed(config, i, *before.standings, *now.standings)) ||
            (before.choices != now.choices &&
             !before.choices->are_same_of(config.pools[i].name, *now.choices)) ||
            before.followed_writer(config.pools[i].name) !=
                now.followed_writer(config.pools[i].name);
        if (has_changed)
            changed.push_back(i);
    }
    return changed;
}

}  // namespace vipfwd::table
