// SPDX-License-Identifier: Apache-2.0
// The VIPs of a configuration, and whose leases decide whether this gateway answers for them. Pure.
#pragma once

#include <vector>

#include "control/config/model.h"
#include "control/net/facts.h"
#include "control/table/generation_tables.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// Sorted by address, which is unique. `tables` have the groups already.
std::vector<abi::VipEntry> vip_entries(const config::Config& config, const net::Facts& facts,
                                       const Tables& tables);

}  // namespace vipfwd::table
