// SPDX-License-Identifier: Apache-2.0
// What applying a configuration does, decided before it is done. Pure.
#pragma once

#include <string>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/config/model.h"

namespace vipfwd::plan {

struct Plan {
    config::Config config;             // what is put in force now
    std::vector<std::string> changes;  // from what is in force, see describe_changes()
    std::vector<std::string> waiting;  // for the dataplane's next start, see describe_waiting()
    // Why it needs to be forced: what is lost now, or with the dataplane's next start. See
    // describe_losses().
    std::vector<std::string> losses;
};

// What a gateway works by.
struct Current {
    const config::Config& wanted;    // the file that was applied last
    const config::Config& in_force;  // the same, but for what waits
    bool dataplane_runs = false;     // with what `in_force` says
};

// The plan to put `wanted` in force.
Plan make_plan(const Current& current, const config::Config& wanted);

// How a configuration file is to be applied.
struct Mode {
    bool force = false;    // also if VIPs or services lose service
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
