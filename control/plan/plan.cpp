// SPDX-License-Identifier: Apache-2.0
#include "control/plan/plan.h"

#include <algorithm>
#include <utility>

#include "control/plan/changes.h"
#include "control/plan/defer.h"
#include "control/plan/losses.h"

namespace vipfwd::plan {

Plan make_plan(const Current& current, const config::Config& wanted) {
    Plan plan;
    plan.config = current.dataplane_runs ? defer(wanted, current.in_force) : wanted;
    plan.changes = describe_changes(current.in_force, plan.config);
    plan.waiting = describe_waiting(wanted, plan.config);
    plan.losses = describe_losses(current.in_force, plan.config);
    for (std::string& later : describe_losses(current.wanted, wanted)) {
        if (std::ranges::find(plan.losses, later) == plan.losses.end())
            plan.losses.push_back(std::move(later));
    }
    return plan;
}

}  // namespace vipfwd::plan
