// SPDX-License-Identifier: Apache-2.0
// Which part of a configuration can be in force while the dataplane runs.
//
// The dataplane opens its ports, starts its workers and takes its memory when it starts, so changes
// of these wait for its next start. Until then what they replace stays in force, and so does
// everything that depends on it: a port as a whole, static neighbors behind it, and, if one group
// depends on a port that waits, all groups with their VIPs. So an election goes on as it was, and
// two gateways never both own a VIP because one of them cannot hold its election.
#pragma once

#include "control/config/model.h"
#include "dataplane/abi/boot.h"

namespace vipfwd::plan {

// `wanted` as far as a dataplane can do it that was started for `in_force`, and the rest as in
// `in_force`. VIPs of wanted groups that cannot run yet are `unowned_vips` of the result.
config::Config defer(const config::Config& wanted, const config::Config& in_force);

// The configuration that a control which has just started continues from, with a dataplane that was
// started with `running` (validated): `wanted`, with the ports, workers and memory that run. A port
// of another name is recognized by its device and driver; groups and neighbors follow it to the
// name that it runs by. Groups on ports that do not run are left out: their VIPs are unowned.
config::Config recover(const config::Config& wanted, const abi::BootParameters& running);

// Whether `wanted` needs another start of the dataplane than `in_force`: whether defer() would keep
// anything.
bool needs_start(const config::Config& wanted, const config::Config& in_force);

}  // namespace vipfwd::plan
