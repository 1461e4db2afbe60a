// SPDX-License-Identifier: Apache-2.0
// Waits for the outcome of `vipctl group handover`: whether another gateway takes the VIPs over is
// decided after the command was accepted.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "control/protocol/json.h"
#include "dataplane/abi/result.h"

namespace vipfwd::cli {

// The result of `show groups`.
using ShowGroups = std::function<Result<Json>()>;

// Asks every `pause` until the handover of `group` has ended, for a few of its advert intervals at
// most. {"group", "owner": ADDRESS or null} if this gateway does not own the VIPs any more. An
// error if no other gateway took them over, the handover has not ended in time, or asking fails.
Result<Json> await_handover(const std::string& group, const ShowGroups& show_groups,
                            std::chrono::milliseconds pause);

}  // namespace vipfwd::cli
