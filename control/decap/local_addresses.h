// SPDX-License-Identifier: Apache-2.0
// The addresses of this host to which gateways may send tunnels.
#pragma once

#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::decap {

// All addresses of this network namespace, except those of loopback interfaces, which hold the
// VIPs, and IPv6 link-local addresses, which a gateway's configuration cannot name.
Result<std::vector<IpAddress>> local_addresses();

}  // namespace vipfwd::decap
