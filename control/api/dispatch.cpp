// SPDX-License-Identifier: Apache-2.0
#include "control/api/dispatch.h"

#include <array>
#include <string_view>
#include <utility>

#include "control/api/arguments.h"
#include "control/api/config_commands.h"
#include "control/api/flow_argument.h"
#include "control/api/show.h"
#include "control/protocol/commands.h"
#include "control/text/quote.h"
#include "control/text/suggest.h"

namespace vipfwd::api {
namespace {

using protocol::Command;
using protocol::Response;

Response respond(Result<Json> result) {
    return result ? Response::accept(std::move(*result)) : Response::reject(result.error().message);
}

Response run_lookup(const Hooks& hooks, const Json& arguments) {
    const Result<abi::FlowKey> flow = parse_flow({
        .protocol = text_argument(arguments, "protocol"),
        .source = text_argument(arguments, "source"),
        .source_port = text_argument(arguments, "source_port"),
        .destination = text_argument(arguments, "destination"),
        .destination_port = text_argument(arguments, "destination_port"),
    });
    if (!flow)
        return Response::reject(flow.error().message);
    return Response::accept(show_lookup(hooks.source(), *flow));
}

Response run_check(const Hooks& hooks, const Json& arguments) {
    std::string path = text_argument(arguments, "path");
    if (path.empty())
        path = hooks.source().config_path;
    return check_response(path, hooks.check(path));
}

Response run_apply(const Hooks& hooks, const Json& arguments) {
    const plan::Mode mode = {.force = flag_argument(arguments, "force"),
                             .dry_run = flag_argument(arguments, "dry_run")};
    const std::string path = hooks.source().config_path;
    return apply_response(path, hooks.apply(mode), mode);
}

Response respond_for_group(const Result<void>& result, const std::string& group) {
    return result ? Response::accept({{"group", group}}) : Response::reject(result.error().message);
}

Response run_handover(const Hooks& hooks, const Json& arguments) {
    const std::string group = text_argument(arguments, "group");
    return respond_for_group(hooks.hand_over(group), group);
}

Response run_priority(const Hooks& hooks, const Json& arguments) {
    const std::string group = text_argument(arguments, "group");
    const std::string written = text_argument(arguments, "priority");
    if (written == "configured")
        return respond_for_group(hooks.set_priority(group, std::nullopt), group);
    const auto priority = parse_number<std::uint8_t>(written);
    if (!priority || *priority == 0 || *priority == 255)
        return Response::reject("priority " + text::quote(written) +
                                ": write a number from 1 to 254, or \"configured\"");
    return respond_for_group(hooks.set_priority(group, priority), group);
}

Response run_enable(const Hooks& hooks, const Json& arguments, bool enabled) {
    const std::string group = text_argument(arguments, "group");
    return respond_for_group(hooks.set_enabled(group, enabled), group);
}

Response unknown_command(const std::string& written) {
    std::array<std::string_view, protocol::kCommandCount> names;
    for (const protocol::CommandInfo& info : protocol::kCommands)
        names[static_cast<std::size_t>(info.command)] = info.name;
    return Response::reject("unknown command " + text::quote(written) +
                            text::suggestion(written, names));
}

// `arguments` match the command's parameters.
Response run(Command command, const Hooks& hooks, const Json& arguments) {
    switch (command) {
        case Command::kShowStatus:
            return Response::accept(show_status(hooks.source()));
        case Command::kShowServices:
            return Response::accept(show_services(hooks.source()));
        case Command::kShowBackends:
            return respond(show_backends(hooks.source(), text_argument(arguments, "pool")));
        case Command::kShowPorts:
            return Response::accept(show_ports(hooks.source()));
        case Command::kShowWorkers:
            return Response::accept(show_workers(hooks.source()));
        case Command::kShowGroups:
            return Response::accept(show_groups(hooks.source()));
        case Command::kShowDrops:
            return Response::accept(show_drops(hooks.source(), flag_argument(arguments, "all")));
        case Command::kLookup:
            return run_lookup(hooks, arguments);
        case Command::kConfigCheck:
            return run_check(hooks, arguments);
        case Command::kConfigApply:
            return run_apply(hooks, arguments);
        case Command::kGroupHandover:
            return run_handover(hooks, arguments);
        case Command::kGroupPriority:
            return run_priority(hooks, arguments);
        case Command::kGroupDisable:
            return run_enable(hooks, arguments, false);
        case Command::kGroupEnable:
            return run_enable(hooks, arguments, true);
    }
    return unknown_command("");  // not reached: the switch is complete
}

}  // namespace

Response dispatch(const Hooks& hooks, const protocol::Request& request, Access access) {
    const std::optional<Command> command = protocol::find_command(request.command);
    if (!command)
        return unknown_command(request.command);
    if (access == Access::kRead && protocol::info_of(*command).effect != protocol::Effect::kReads)
        return Response::reject(request.command +
                                ": only root and control's user may do this; members of the "
                                "socket's group may use show and lookup");
    if (const auto fault = find_fault(request.arguments, protocol::info_of(*command).parameters))
        return Response::reject(request.command + ": " + *fault);
    return run(*command, hooks, request.arguments);
}

Handler make_handler(Hooks hooks) {
    return [hooks = std::move(hooks)](const protocol::Request& request, Access access) {
        return dispatch(hooks, request, access);
    };
}

}  // namespace vipfwd::api
