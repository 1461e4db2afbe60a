// SPDX-License-Identifier: Apache-2.0
// What a worker goes by for a while: the tables in force, where it counts, and the time.
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
    // What signed adverts count by: control's words, and those of the dataplane by lease. Null: no
    // group has a key.
    const abi::LeaseArea* leases = nullptr;
    abi::SharedWord* last_sequences = nullptr;
};

}  // namespace vipfwd::path
