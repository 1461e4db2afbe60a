// SPDX-License-Identifier: Apache-2.0
// What a change of the configuration means, in sentences for the operator.
#pragma once

#include "control/config/model.h"
#include "control/plan/lines.h"
#include "control/plan/reset_figures.h"

namespace vipfwd::plan {

// What differs in services, pools, groups, ports and settings, one line each: "pool web: adds
// backend web4; removes backend web2 (up to 312 connections break)". At most
// kMaxLines lines, of which the last one counts the rest.
// `resets`: what `after` resets of the tables in force.
Lines describe_changes(const config::Config& before, const config::Config& after,
                       const ResetFigures& resets = {});

// What of `wanted` waits for the dataplane's next start while `in_force` is in force (defer.h).
Lines describe_waiting(const config::Config& wanted, const config::Config& in_force);

}  // namespace vipfwd::plan
