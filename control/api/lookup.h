// SPDX-License-Identifier: Apache-2.0
// `vipctl lookup`: what becomes of a flow, and why, in words.
#pragma once

#include "control/protocol/json.h"
#include "control/view/source.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::api {

// {"service", "pool", "forward", "affinity", "slot", "ring_slots", "backend", "address",
//  "next_hop": {"resolved", "mac", "port", "state"}, "why": TEXT}
// For a flow's first packet. Everything but "why" is null from where its way ends: no service, or
// no backend.
Json lookup(const view::Source& source, const abi::FlowKey& flow);

}  // namespace vipfwd::api
