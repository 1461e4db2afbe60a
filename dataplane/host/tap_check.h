// SPDX-License-Identifier: Apache-2.0
// Checks before DPDK makes a tap, because DPDK's errors do not say what is wrong.
#pragma once

#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"

namespace vipfwd::host {

// An error unless this process may make taps and the name of the port's tap is valid and free.
// (DPDK's driver would attach to an existing tap of this name.)
Result<void> check_tap(const PortPlan& plan, const char* tun = "/dev/net/tun");

}  // namespace vipfwd::host
