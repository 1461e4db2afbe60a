// SPDX-License-Identifier: Apache-2.0
#include "control/group/pool_health.h"

#include <algorithm>
#include <span>

namespace vipfwd::group {

using abi::BackendEntry;
using abi::BackendHealth;
using health::Verdict;

PoolHealth health_of_pool(const table::Tables& in_force, std::string_view name) {
    const abi::PoolEntry* const pool = table::find_pool(in_force, name);
    if (pool == nullptr)
        return {};
    if (pool->fails_open != 0)
        return {Verdict::kBad, "fewer of its backends are up than min_up"};
    const std::span<const BackendEntry> backends = table::backends_of(in_force, *pool);
    const auto has_result = [](const BackendEntry& backend) {
        return !table::has_health(backend, BackendHealth::kUnknown);
    };
    const auto serves = [&](const BackendEntry& backend) {
        return table::has_state(backend, abi::BackendState::kServing) && has_result(backend) &&
               !table::has_health(backend, BackendHealth::kDown);
    };
    if (std::ranges::any_of(backends, serves))
        return {Verdict::kGood};
    if (!std::ranges::all_of(backends, has_result))
        return {};
    return {Verdict::kBad, "none of its backends is up"};
}

}  // namespace vipfwd::group
