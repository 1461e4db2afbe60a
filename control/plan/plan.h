// SPDX-License-Identifier: Apache-2.0
// What applying a configuration does, decided before it is done. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/config/model.h"
#include "control/table/flow_counting.h"
#include "control/table/generation_tables.h"

namespace vipfwd::plan {

struct Plan {
    config::Config config;             // what is put in force now
    std::vector<std::string> changes;  // from what is in force, see describe_changes()
    std::vector<std::string> waiting;  // for the dataplane's next start, see describe_waiting()
    // Why it needs to be forced: what is lost now, or with the dataplane's next start, see
    // describe_losses(); and which connections are reset, see describe_resets().
    std::vector<std::string> losses;
    // The flows that are reset, for the texts to tell how many they are, see table::FlowCounting.
    // Empty: there are none.
    std::vector<std::uint32_t> flow_keys;
};

// What a gateway works by.
struct Current {
    const config::Config& wanted;                    // the file that was applied last
    const config::Config& in_force;                  // the same, but for what waits
    bool dataplane_runs = false;                     // with what `in_force` says
    const table::Tables* tables = nullptr;           // by `in_force`; null: there are none
    const table::FlowCounts* flow_counts = nullptr;  // of Plan::flow_keys; null: not known
};

// The plan to put `wanted` in force. As long as the number of flows is not known, resets are no
// losses.
Plan make_plan(const Current& current, const config::Config& wanted);

// How a configuration file is to be applied.
struct Mode {
    bool force = false;    // also if there are losses
    bool dry_run = false;  // only make the plan

    friend bool operator==(const Mode&, const Mode&) = default;
};

// What became of a configuration file.
struct Outcome {
    std::vector<config::Diagnostic> diagnostics;  // all of the file
    Plan plan;                                    // of a file without errors
    bool applied = false;
};

}  // namespace vipfwd::plan
