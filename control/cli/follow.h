// SPDX-License-Identifier: Apache-2.0
// `vipctl show events -f`: asks for new events again and again, also over a restart of control.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "control/protocol/json.h"
#include "control/protocol/message.h"
#include "dataplane/abi/result.h"

namespace vipfwd::cli {

struct FollowHooks {
    // Of `show events`: those after the one of that id; 0: all that are asked for.
    std::function<Result<protocol::Response>(std::uint64_t after)> ask;
    std::function<bool(const std::string& lines)> print;  // false: there is no reader any more
    std::function<void(const std::string& problem)> complain;
};

// A line for each event: "2026-12-02 08:11:50.123  backend web/be1: down: connection refused", or
// its JSON.
std::string event_lines(const Json& events, bool as_json);

// Prints events, asking every `pause`, until they cannot be printed. If control cannot be reached,
// complains once, and goes on when it can be. An error if control rejects the question.
Result<void> follow_events(const FollowHooks& hooks, bool as_json, std::chrono::milliseconds pause);

}  // namespace vipfwd::cli
