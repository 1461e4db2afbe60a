// SPDX-License-Identifier: Apache-2.0
// Can a port have its tap? Here a fault still has a name.
#pragma once

#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"

namespace vipfwd::host {

// That taps can be made, and that this one's name is free: DPDK's driver would join another's tap.
Result<void> check_tap(const PortPlan& plan, const char* tun = "/dev/net/tun");

}  // namespace vipfwd::host
