// SPDX-License-Identifier: Apache-2.0
#include "control/table/slow_start.h"

#include <algorithm>
#include <cstddef>

namespace vipfwd::table {
namespace {

// After which time a step that is overdue, because its tables are not in force yet, is tried again.
constexpr std::uint64_t kRetry_ms = 100;

}  // namespace

std::uint32_t slow_start_step(std::uint32_t slow_start_ms, std::uint64_t up_for_ms) {
    if (up_for_ms >= slow_start_ms)
        return kSlowStartSteps;
    return static_cast<std::uint32_t>(up_for_ms * kSlowStartSteps / slow_start_ms) + 1;
}

std::optional<std::uint64_t> next_step_ms(const config::Config& config, const Tables& tables,
                                          std::uint64_t now_ms) {
    std::optional<std::uint64_t> next_ms;
    for (std::size_t number = 0; number < config.pools.size(); ++number) {
        const config::Pool& pool = config.pools[number];
        const abi::PoolEntry* const entry =
            pool.slow_start_ms != 0 ? find_pool(tables, pool.name, number) : nullptr;
        for (std::uint32_t i = 0; entry != nullptr && i < entry->backend_count; ++i) {
            const abi::BackendEntry& backend = tables.backends[entry->backend_base + i];
            if (is_retired(backend) || backend.came_up_at_ms == 0)
                continue;
            const std::uint64_t up_for_ms = now_ms - std::min(now_ms, backend.came_up_at_ms);
            const std::uint64_t step = slow_start_step(pool.slow_start_ms, up_for_ms);
            // The first millisecond of the next step.
            const std::uint64_t due_ms =
                backend.came_up_at_ms +
                (step * pool.slow_start_ms + kSlowStartSteps - 1) / kSlowStartSteps;
            const std::uint64_t at_ms = due_ms > now_ms ? due_ms : now_ms + kRetry_ms;
            next_ms = std::min(next_ms.value_or(at_ms), at_ms);
        }
    }
    return next_ms;
}

}  // namespace vipfwd::table
