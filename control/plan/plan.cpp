// SPDX-License-Identifier: Apache-2.0
#include "control/plan/plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "control/plan/changes.h"
#include "control/plan/defer.h"
#include "control/plan/losses.h"
#include "control/plan/reset_figures.h"
#include "control/plan/resets.h"

namespace vipfwd::plan {

Plan make_plan(const Current& current, const config::Config& wanted) {
    Plan plan;
    plan.config = current.dataplane_runs ? defer(wanted, current.in_force) : wanted;
    const Resets resets = current.tables != nullptr
                              ? find_resets(current.in_force, plan.config, *current.tables)
                              : Resets();
    plan.flow_keys = keys_of(resets);
    plan.changes =
        describe_changes(current.in_force, plan.config, figures_of(resets, current.flow_counts));
    plan.waiting = describe_waiting(wanted, plan.config);
    plan.losses = describe_losses(current.in_force, plan.config);
    for (std::string& later : describe_losses(current.wanted, wanted)) {
        if (std::ranges::find(plan.losses, later) == plan.losses.end())
            plan.losses.push_back(std::move(later));
    }
    if (current.flow_counts != nullptr) {
        Lines more = describe_resets(resets, *current.flow_counts);
        plan.losses.insert(plan.losses.end(), std::move_iterator(more.begin()),
                           std::move_iterator(more.end()));
    }
    cut(plan.losses);
    return plan;
}

}  // namespace vipfwd::plan
