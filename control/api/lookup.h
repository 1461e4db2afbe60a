// SPDX-License-Identifier: Apache-2.0
// What becomes of a flow, and why: the dataplane's decision made again from the tables in force.
#pragma once

#include "control/api/state.h"
#include "control/protocol/json.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::api {

// {"service", "pool", "forward", "affinity", "slot", "ring_slots", "backend", "address",
//  "next_hop": {"resolved", "mac", "port", "state"}, "why": TEXT}
// For a flow's first packet. All but "why" are null from where the way ends: no service, or no
// backend.
Json lookup(const State& state, const abi::FlowKey& flow);

}  // namespace vipfwd::api
