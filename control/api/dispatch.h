// SPDX-License-Identifier: Apache-2.0
// Runs the commands of control/protocol/commands.h. A request is rejected if its command is unknown
// or not for this client, or if its arguments are unknown, missing or of the wrong type.
//
// The results of `show` and `lookup` are described in show.h, those of `config` in
// config_commands.h. The other commands answer with {"group": NAME}.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/api/server.h"
#include "control/config/diagnostic.h"
#include "control/plan/plan.h"
#include "control/view/source.h"

namespace vipfwd::api {

// What the commands need from the gateway.
struct Hooks {
    // The gateway as it is now; valid until the loop runs on.
    std::function<view::Source()> source;
    // All errors and warnings of a file. Changes nothing.
    std::function<std::vector<config::Diagnostic>(const std::string& path)> check;
    // Applies control's file, unless it has an error, or takes service away and is not forced.
    std::function<plan::Outcome(plan::Mode mode)> apply;
    // Act on the group of that name.
    std::function<Result<void>(const std::string& name)> hand_over;
    std::function<Result<void>(const std::string& name, std::optional<std::uint8_t> priority)>
        set_priority;  // nullopt: the configured one
    std::function<Result<void>(const std::string& name, bool enabled)> set_enabled;
};

protocol::Response dispatch(const Hooks& hooks, const protocol::Request& request, Access access);

Handler make_handler(Hooks hooks);

}  // namespace vipfwd::api
