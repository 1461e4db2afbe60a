// SPDX-License-Identifier: Apache-2.0
// Whether the backends of a pool that a group tracks are up. Pure.
#pragma once

#include <string>
#include <string_view>

#include "control/health/rise_fall.h"
#include "control/table/generation_tables.h"

namespace vipfwd::group {

struct PoolHealth {
    health::Verdict verdict = health::Verdict::kUnknown;
    std::string failure = {};  // why the verdict is bad, for people; or empty
};

// Of the pool of that name in the tables in force. Good: a backend that is up gets new flows. Bad:
// none does, or the pool fails open. Unknown: there is no such pool yet, or no backend is up and
// the first result of one is awaited.
PoolHealth health_of_pool(const table::Tables& in_force, std::string_view name);

}  // namespace vipfwd::group
