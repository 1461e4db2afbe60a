// SPDX-License-Identifier: Apache-2.0
// What a worker goes by for a while: the tables in force, where it counts, and the time.
#pragma once

#include "dataplane/packet/account.h"
#include "dataplane/packet/memory.h"
#include "dataplane/packet/tables.h"

namespace vipfwd::io {

struct Turn {
    const packet::Tables& tables;
    const packet::WorkerView& counters;
    packet::Moment now;
};

}  // namespace vipfwd::io
