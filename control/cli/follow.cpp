// SPDX-License-Identifier: Apache-2.0
#include "control/cli/follow.h"

#include <thread>

#include "control/cli/field.h"

namespace vipfwd::cli {
namespace {

std::string line_of(const Json& event) {
    std::string line = cell_at(event, "/time_ms", Kind::kTime) + "  " + cell_at(event, "/object");
    if (const Json name = value_at(event, "/name"); name != "")
        line += " " + cell(name);
    line += ": " + cell_at(event, "/change");
    if (const Json cause = value_at(event, "/cause"); cause != "")
        line += ": " + cell(cause);
    return mask_control(line);
}

}  // namespace

std::string event_lines(const Json& events, bool as_json) {
    std::string lines;
    for (const Json& event : events)
        lines += (as_json ? event.dump() : line_of(event)) + "\n";
    return lines;
}

Result<void> follow_events(const FollowHooks& hooks, bool as_json,
                           std::chrono::milliseconds pause) {
    std::uint64_t after = 0;
    bool is_reachable = true;
    for (;; std::this_thread::sleep_for(pause)) {
        const Result<protocol::Response> response = hooks.ask(after);
        if (!response && is_reachable)
            hooks.complain(response.error().message);
        is_reachable = response.has_value();
        if (!response)
            continue;
        if (!response->ok)
            return Error{response->error};
        const Json& events = response->result;
        if (events.empty())
            continue;
        if (!hooks.print(event_lines(events, as_json)))
            return {};
        const Json last = value_at(events.back(), "/id");
        after = last.is_number_unsigned() ? last.get<std::uint64_t>() : after;
    }
}

}  // namespace vipfwd::cli
