// SPDX-License-Identifier: Apache-2.0
// Network facts in the port order of the running dataplane.
#pragma once

#include "control/net/facts.h"
#include "dataplane/abi/boot.h"

namespace vipfwd::table {

// `facts` are by the index of the configured ports (`configured`). Returns them by the index of the
// ports that the dataplane was started with (`running`); a port is the same one if name, device and
// driver are equal. A port that is not configured any more has no addresses, and a next hop by a
// port that does not run is unresolved.
net::Facts arrange(net::Facts facts, const abi::BootParameters& configured,
                   const abi::BootParameters& running);

}  // namespace vipfwd::table
