// SPDX-License-Identifier: Apache-2.0
#include "control/api/dispatch.h"

#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "control/api/config_commands.h"
#include "control/api/flow_argument.h"
#include "control/api/lookup.h"
#include "control/api/parameters.h"
#include "control/api/views.h"
#include "control/text/quote.h"
#include "control/text/suggest.h"

namespace vipfwd::api {
namespace {

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
    return Response::accept(lookup(hooks.state(), *flow));
}

Response run_check(const Hooks& hooks, const Json& arguments) {
    std::string path = text_argument(arguments, "path");
    if (path.empty())
        path = hooks.state().config_path;
    return config_response(path, hooks.check(path), "");
}

Response run_apply(const Hooks& hooks, const Json&) {
    const std::string path = hooks.state().config_path;
    return config_response(path, hooks.apply(), "; nothing is changed");
}

template <Json (*kView)(const State&)>
Response show(const Hooks& hooks, const Json&) {
    return Response::accept(kView(hooks.state()));
}

Response run_show_backends(const Hooks& hooks, const Json& arguments) {
    return respond(show_backends(hooks.state(), text_argument(arguments, "pool")));
}

Response run_show_drops(const Hooks& hooks, const Json& arguments) {
    return Response::accept(show_drops(hooks.state(), flag_argument(arguments, "all")));
}

Response done(const Result<void>& result, const std::string& group) {
    return result ? Response::accept({{"group", group}}) : Response::reject(result.error().message);
}

Response run_handover(const Hooks& hooks, const Json& arguments) {
    const std::string group = text_argument(arguments, "group");
    return done(hooks.hand_over(group), group);
}

Response run_priority(const Hooks& hooks, const Json& arguments) {
    const std::string group = text_argument(arguments, "group");
    const std::string written = text_argument(arguments, "priority");
    if (written == "configured")
        return done(hooks.set_priority(group, std::nullopt), group);
    const auto priority = parse_number<std::uint8_t>(written);
    if (!priority || *priority == 0 || *priority == 255)
        return Response::reject("priority " + text::quote(written) +
                                ": write a number from 1 to 254, or \"configured\"");
    return done(hooks.set_priority(group, priority), group);
}

template <bool kEnabled>
Response run_enable(const Hooks& hooks, const Json& arguments) {
    const std::string group = text_argument(arguments, "group");
    return done(hooks.set_enabled(group, kEnabled), group);
}

struct Command {
    std::string_view name;
    Response (*run)(const Hooks& hooks, const Json& arguments);
    std::span<const Parameter> parameters;
};

constexpr std::array kPool = {Parameter{.name = "pool"}};
constexpr std::array kAll = {Parameter{.name = "all", .type = Parameter::Type::kFlag}};
constexpr std::array kPath = {Parameter{.name = "path"}};
constexpr std::array kGroup = {Parameter{.name = "group", .required = true}};
constexpr std::array kGroupPriority = {
    Parameter{.name = "group", .required = true},
    Parameter{.name = "priority", .required = true},
};
constexpr std::array kFlow = {
    Parameter{.name = "protocol", .required = true},
    Parameter{.name = "source", .required = true},
    Parameter{.name = "source_port", .required = true},
    Parameter{.name = "destination", .required = true},
    Parameter{.name = "destination_port", .required = true},
};

constexpr std::array kCommands = {
    Command{"show status", show<show_status>, {}},
    Command{"show services", show<show_services>, {}},
    Command{"show backends", run_show_backends, kPool},
    Command{"show ports", show<show_ports>, {}},
    Command{"show workers", show<show_workers>, {}},
    Command{"show groups", show<show_groups>, {}},
    Command{"show drops", run_show_drops, kAll},
    Command{"lookup", run_lookup, kFlow},
    Command{"config check", run_check, kPath},
    Command{"config apply", run_apply, {}},
    Command{"group handover", run_handover, kGroup},
    Command{"group priority", run_priority, kGroupPriority},
    Command{"group disable", run_enable<false>, kGroup},
    Command{"group enable", run_enable<true>, kGroup},
};

Response unknown_command(const std::string& written) {
    std::array<std::string_view, kCommands.size()> names;
    for (std::size_t i = 0; i < kCommands.size(); ++i)
        names[i] = kCommands[i].name;
    return Response::reject("unknown command " + text::quote(written) +
                            text::suggestion(written, names));
}

}  // namespace

Response dispatch(const Hooks& hooks, const Request& request) {
    for (const Command& command : kCommands) {
        if (command.name != request.command)
            continue;
        if (const auto fault = find_fault(request.arguments, command.parameters))
            return Response::reject(request.command + ": " + *fault);
        return command.run(hooks, request.arguments);
    }
    return unknown_command(request.command);
}

Handler make_handler(Hooks hooks) {
    return [hooks = std::move(hooks)](const Request& request) { return dispatch(hooks, request); };
}

}  // namespace vipfwd::api
