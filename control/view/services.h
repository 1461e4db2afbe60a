// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "control/view/snapshot.h"

namespace vipfwd::view {

// A configured service; the numbers are those in force. Valid as long as the snapshot.
struct ServiceRow {
    const config::Service& service;
    const config::Pool& pool;
    // Of the pool's backends in force.
    std::size_t serving = 0;
    std::size_t draining = 0;
    std::size_t down = 0;
    std::size_t standby = 0;
    bool fails_open = false;  // too few backends of the pool are up, so that all of them serve
    table::CounterValue traffic = {};
};

// In the order of the configuration.
std::vector<ServiceRow> services(const Snapshot& snapshot);

}  // namespace vipfwd::view
