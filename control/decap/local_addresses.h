// SPDX-License-Identifier: Apache-2.0
// The addresses of this host: those to which gateways may send tunnels, and the VIPs.
#pragma once

#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::decap {

// All addresses of this network namespace, except those of loopback interfaces, which hold the
// VIPs, and IPv6 link-local addresses, which a gateway's configuration cannot name.
Result<std::vector<IpAddress>> local_addresses();

// The addresses of loopback interfaces, except 127.0.0.0/8, ::1 and link-local ones.
Result<std::vector<IpAddress>> loopback_vips();

}  // namespace vipfwd::decap
