// SPDX-License-Identifier: Apache-2.0
#include "control/table/pool_plans.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <string>

#include "control/table/previous_pools.h"

namespace vipfwd::table {
namespace {

using abi::BackendEntry;
using abi::PoolEntry;

PoolPlan as_new(const config::Pool& pool) {
    return {nullptr, assign_indices({}, pool, {}, TakeOver::kNo)};
}

std::vector<PoolPlan> plan_all(const config::Config& config, const Tables& previous,
                               const IsFree& is_free, TakeOver take_over) {
    const std::vector<const PoolEntry*> entries = find_previous_pools(config, previous);
    std::vector<PoolPlan> plans;
    plans.reserve(config.pools.size());
    for (std::size_t i = 0; i < config.pools.size(); ++i) {
        const config::Pool& pool = config.pools[i];
        const PoolEntry* const entry = entries[i];
        std::span<const BackendEntry> backends;
        if (entry != nullptr)
            backends = backends_of(previous, *entry);
        PoolPlan plan{entry, assign_indices(backends, pool, is_free, take_over)};
        const bool is_replaced = entry != nullptr && plan.indices.all_replaced();
        plans.push_back(is_replaced ? as_new(pool) : std::move(plan));
    }
    return plans;
}

std::size_t total(std::span<const PoolPlan> plans) {
    return std::accumulate(
        plans.begin(), plans.end(), std::size_t{0},
        [](std::size_t sum, const PoolPlan& plan) { return sum + plan.indices.size(); });
}

bool is_within_limits(std::span<const PoolPlan> plans) {
    return total(plans) <= abi::kMaxBackends &&
           std::ranges::all_of(plans, [](const PoolPlan& plan) {
               return plan.indices.size() <= abi::kMaxBackendsPerPool;
           });
}

// Those with the most retired indices first.
void number_anew(std::vector<PoolPlan>& plans, const config::Config& config) {
    std::vector<std::size_t> order(plans.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater(), [&](std::size_t pool) {
        return plans[pool].indices.size() - config.pools[pool].backends.size();
    });
    for (const std::size_t pool : order) {
        if (is_within_limits(plans))
            return;
        plans[pool] = as_new(config.pools[pool]);
    }
}

Result<void> check_limits(std::span<const PoolPlan> plans, const config::Config& config) {
    for (std::size_t i = 0; i < plans.size(); ++i) {
        if (plans[i].indices.size() > abi::kMaxBackendsPerPool)
            return Error{"pool '" + config.pools[i].name +
                         "': " + std::to_string(plans[i].indices.size()) +
                         " backends, the limit is " + std::to_string(abi::kMaxBackendsPerPool)};
    }
    if (total(plans) > abi::kMaxBackends)
        return Error{std::to_string(total(plans)) + " backends, the limit is " +
                     std::to_string(abi::kMaxBackends)};
    return {};
}

}  // namespace

Result<std::vector<PoolPlan>> plan_pools(const config::Config& config, const Tables& previous,
                                         const IsFree& is_free) {
    std::vector<PoolPlan> plans = plan_all(config, previous, is_free, TakeOver::kNo);
    if (!is_within_limits(plans))
        plans = plan_all(config, previous, is_free, TakeOver::kYes);
    if (!is_within_limits(plans))
        number_anew(plans, config);
    if (Result<void> within = check_limits(plans, config); !within)
        return within.error();
    return plans;
}

PoolPlan keep_indices(const config::Pool& pool, const Tables& previous, const PoolEntry& entry) {
    return {&entry, assign_indices(
                        backends_of(previous, entry), pool,
                        [](const BackendEntry&) { return false; }, TakeOver::kNo)};
}

}  // namespace vipfwd::table
