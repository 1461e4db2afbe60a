// SPDX-License-Identifier: Apache-2.0
// The addresses that gateways may send tunnels to.
#pragma once

#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::decap {

// All IPv4 addresses of this network namespace but those of loopback interfaces, where VIPs are.
Result<std::vector<IpAddress>> local_addresses();

}  // namespace vipfwd::decap
