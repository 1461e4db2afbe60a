// SPDX-License-Identifier: Apache-2.0
// Runs the commands of control/protocol/commands.h. A request is rejected if its command is unknown
// or not for this client, or if its arguments are unknown, missing or of the wrong type.
//
// The results of `show` and `lookup` are described in show.h, those of `config` in
// config_commands.h, those of `backend` in backend_commands.h. Those of `group` answer with
// {"group": NAME}.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/api/server.h"
#include "control/group/peer_commands.h"
#include "control/health/admin.h"
#include "control/plan/plan.h"
#include "control/view/snapshot.h"
#include "control/view/source.h"

namespace vipfwd::api {

// What the commands need from the gateway.
struct Hooks {
    // The gateway as it is now; valid until the loop runs on.
    std::function<view::Source()> source;
    std::function<view::Snapshot()> snapshot;  // as it is now, too
    // Runs `work` on a thread beside the loop, and then `done` on the loop; or neither, if the
    // gateway ends before.
    using Run = std::function<void(std::function<void()> work, std::function<void()> done)>;
    Run run_beside;
    Run run_in_turn_with_reloads;  // on their thread
    // Applies control's file, unless it has an error, or takes service or connections away and is
    // not forced. Answers at once or later.
    std::function<void(plan::Mode mode, std::function<void(const plan::Outcome&)> answer)> apply;
    // Act on the group of that name.
    std::function<Result<void>(const std::string& name)> hand_over;
    std::function<Result<void>(const std::string& name, std::optional<std::uint8_t> priority)>
        set_priority;  // nullopt: the configured one
    std::function<Result<void>(const std::string& name, bool enabled)> set_enabled;
    // Answers when the change is in force, or with an error at once. `on_all_gateways`: also on the
    // others of the groups whose VIPs have services with the pool. The answer has an outcome of
    // each of them.
    std::function<void(const health::AdminChange& change, bool on_all_gateways,
                       const std::function<void(Result<std::vector<group::PeerOutcome>>)>& answer)>
        change_backend;
};

// `hooks` must live until the response is given.
void dispatch(const Hooks& hooks, protocol::Request request, Access access,
              const Responder& respond);

Handler make_handler(Hooks hooks);

}  // namespace vipfwd::api
