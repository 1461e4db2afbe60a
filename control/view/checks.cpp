// SPDX-License-Identifier: Apache-2.0
#include "control/view/checks.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace vipfwd::view {

std::vector<CheckRow> checks(const Snapshot& snapshot) {
    health::CheckViews views = snapshot.checks ? snapshot.checks() : health::CheckViews();
    std::vector<CheckRow> rows;
    rows.reserve(views.checks.size());
    for (health::CheckView& check : views.checks) {
        std::string name = to_string(check.target);
        rows.push_back({.name = std::move(name), .check = std::move(check)});
    }
    for (const std::uint32_t check : views.of_backends) {
        if (check != health::CheckViews::kUnchecked)
            ++rows[check].backends;
    }
    std::ranges::sort(rows, {}, &CheckRow::name);
    return rows;
}

}  // namespace vipfwd::view
