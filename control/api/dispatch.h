// SPDX-License-Identifier: Apache-2.0
// The commands that control takes. Arguments are texts, as on vipctl's command line, unless said
// otherwise; one that is unknown, missing or of another type is rejected.
//
//   show status | services | ports | workers
//   show backends    pool (optional)
//   show drops       all (optional, a boolean)
//   lookup           protocol, source, source_port, destination, destination_port
//   config check     path (optional, absolute; default: control's own file)
//   config apply
//
// Results of `show` and `lookup` are in views.h and lookup.h; those of `config` are
// {"path", "warnings": [TEXT]}, and their rejections have every diagnostic as a detail.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/api/server.h"
#include "control/api/state.h"
#include "control/config/diagnostic.h"

namespace vipfwd::api {

// What commands need of the gateway.
struct Hooks {
    std::function<State()> state;
    // All that is wrong with a file. Changes nothing.
    std::function<std::vector<config::Diagnostic>(const std::string& path)> check;
    // Puts control's file in force, unless one of the diagnostics is an error.
    std::function<std::vector<config::Diagnostic>()> apply;
    // Of a group, by its name.
    std::function<Result<void>(const std::string& name)> hand_over;
    std::function<Result<void>(const std::string& name, std::optional<std::uint8_t> priority)>
        set_priority;  // nothing: what is configured
    std::function<Result<void>(const std::string& name, bool enabled)> set_enabled;
};

Response dispatch(const Hooks& hooks, const Request& request);

Handler make_handler(Hooks hooks);

}  // namespace vipfwd::api
