// SPDX-License-Identifier: Apache-2.0
// What one call into the packet path works with: tables, counters and the time. A worker makes a
// new one for each call, because any of them may change between bursts.
#pragma once

#include "dataplane/abi/lease.h"
#include "dataplane/packet/account.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/worker_state.h"

namespace vipfwd::path {

struct WorkerContext {
    const packet::Tables& tables;
    const packet::RegionCounters& counters;
    packet::Moment now;
    // For the sequence numbers of signed adverts: control's leases, and the dataplane's own words
    // by lease. Null if no group has a key.
    const abi::LeaseArea* leases = nullptr;
    abi::SharedWord* last_sequences = nullptr;
    abi::ConflictLog* conflicts = nullptr;  // by worker; null: nobody reads of conflicts
};

}  // namespace vipfwd::path
