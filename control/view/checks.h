// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "control/health/checks.h"
#include "control/view/snapshot.h"

namespace vipfwd::view {

struct CheckRow {
    std::string name;  // "tcp 10.0.0.11:80", see health::to_string()
    health::CheckView check;
    std::size_t backends = 0;  // that it judges
};

// All health checks, by name.
std::vector<CheckRow> checks(const Snapshot& snapshot);

}  // namespace vipfwd::view
