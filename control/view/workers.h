// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "control/view/source.h"
#include "dataplane/abi/counters.h"

namespace vipfwd::view {

struct WorkerRow {
    std::uint32_t number = 0;
    bool alive = false;                       // its last heartbeat is less than a second old
    std::optional<std::uint64_t> lcore = {};  // nullopt: it does not run
    std::optional<std::uint64_t> heartbeat_age_ms = {};  // nullopt: it does not run
    std::uint64_t generation = 0;                        // that it forwards by; 0: none
    // The fraction of all polls that found packets, 0 to 1: in the last one to two seconds, and for
    // as long as the region exists. nullopt: there was no poll, or nobody looked.
    std::optional<double> busy = {};
    std::optional<double> busy_mean = {};
    const abi::WorkerCounters& counters;
};

// The workers that the last dataplane was started with, and any other that has a heartbeat.
std::vector<WorkerRow> workers(const Source& source);

}  // namespace vipfwd::view
