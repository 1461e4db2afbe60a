// SPDX-License-Identifier: Apache-2.0
// The requests of `backend drain`, `maint`, `ready` and `weight`, and the results. Pure.
#pragma once

#include <vector>

#include "control/group/peer_commands.h"
#include "control/health/admin.h"
#include "control/protocol/commands.h"
#include "control/protocol/json.h"
#include "control/view/backends.h"
#include "dataplane/abi/result.h"

namespace vipfwd::api {

// What one of these commands asks for; an error if its deadline or weight is none. The arguments
// match the command's parameters.
Result<health::AdminChange> parse_change(protocol::Command command, const Json& arguments);

// {"pool": NAME, "backend": NAME, "serving": COUNT, "backends": COUNT}: how many of the pool get
// new connections now. If other gateways were to be changed, too, also "peers":
// [{"gateway": ADDRESS, "error": null | TEXT, "serving", "backends"}].
Json change_json(const health::AdminChange& change, const view::BackendCount& count,
                 const std::vector<group::PeerOutcome>& peers);

}  // namespace vipfwd::api
