// SPDX-License-Identifier: Apache-2.0
// The addresses that gateways may send tunnels to.
#pragma once

#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::decap {

// All addresses of this network namespace but those of loopback interfaces, where VIPs are, and
// IPv6 link-local ones, which no gateway can be configured with.
Result<std::vector<IpAddress>> local_addresses();

}  // namespace vipfwd::decap
