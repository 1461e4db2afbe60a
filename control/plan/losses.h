// SPDX-License-Identifier: Apache-2.0
// Which service a change of the configuration takes away, in sentences for the operator.
#pragma once

#include "control/config/model.h"
#include "control/plan/lines.h"

namespace vipfwd::plan {

// Why VIPs and services that are served by `before` would not be by `after`, or no longer by one
// gateway alone. Empty: nothing is lost.
Lines describe_losses(const config::Config& before, const config::Config& after);

}  // namespace vipfwd::plan
