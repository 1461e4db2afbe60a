// SPDX-License-Identifier: Apache-2.0
// Can a port have its tap? Here a fault still has a name.
#pragma once

#include "dataplane/abi/result.h"
#include "dataplane/io/boot.h"

namespace vipfwd::io {

// That taps can be made, and that this one's name is free: DPDK's driver would join another's tap.
Result<void> check_tap(const PortPlan& plan, const char* tun = "/dev/net/tun");

}  // namespace vipfwd::io
