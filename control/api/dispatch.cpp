// SPDX-License-Identifier: Apache-2.0
#include "control/api/dispatch.h"

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "control/api/arguments.h"
#include "control/api/backend_commands.h"
#include "control/api/config_commands.h"
#include "control/api/flow_argument.h"
#include "control/api/show.h"
#include "control/config/load.h"
#include "control/events/event_log.h"
#include "control/protocol/commands.h"
#include "control/text/number.h"
#include "control/text/quote.h"
#include "control/text/suggest.h"
#include "control/view/backends.h"
#include "control/view/in_force.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::api {
namespace {

using protocol::Command;
using protocol::Response;

// How often a result is made at most, see has_all_rings().
constexpr int kAttempts = 3;

Response response_of(const Result<std::string>& text) {
    return text ? Response::accept_text(*text) : Response::reject(text.error().message);
}

using MakeText = std::function<Result<std::string>(const view::Snapshot&)>;

// Makes a result of many rows beside the loop. The snapshot is for `work` alone, so that it is
// freed there, too.
void respond_beside(const Hooks& hooks, const MakeText& make, const Responder& respond,
                    int attempts = kAttempts) {
    view::Snapshot snapshot = hooks.snapshot();
    const auto tables = snapshot.tables;
    const auto response = std::make_shared<Response>();
    auto work = [snapshot = std::move(snapshot), make, response] {
        *response = response_of(make(snapshot));
    };
    hooks.run_beside(std::move(work), [&hooks, tables, make, response, respond, attempts] {
        if (attempts > 1 && !view::has_all_rings(*tables, hooks.source()))
            return respond_beside(hooks, make, respond, attempts - 1);
        respond(std::move(*response));
    });
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

// The response may list many faults: its line is made beside the loop, too.
void run_check(const Hooks& hooks, Json& arguments, const Responder& respond) {
    std::string path = text_argument(arguments, "path");
    if (path.empty())
        path = hooks.source().config_path;
    const auto line = std::make_shared<std::string>();
    auto work = [text = std::move(arguments["text"].get_ref<std::string&>()), path, line] {
        const auto loaded = config::load_text(text, path, config::Writers::kTrusted);
        *line = protocol::to_line(check_response(path, loaded.diagnostics));
    };
    hooks.run_in_turn_with_reloads(std::move(work), [line, respond] {
        Response response;
        response.line = std::move(*line);
        respond(std::move(response));
    });
}

void run_apply(const Hooks& hooks, const Json& arguments, const Responder& respond) {
    const plan::Mode mode = {.force = flag_argument(arguments, "force"),
                             .dry_run = flag_argument(arguments, "dry_run")};
    hooks.apply(mode,
                [path = hooks.source().config_path, mode, respond](const plan::Outcome& outcome) {
                    respond(apply_response(path, outcome, mode));
                });
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
    const auto priority = text::parse_number<std::uint8_t>(written);
    if (!priority || *priority == 0 || *priority == 255)
        return Response::reject("priority " + text::quote(written) +
                                ": write a number from 1 to 254, or \"configured\"");
    return respond_for_group(hooks.set_priority(group, priority), group);
}

Response run_enable(const Hooks& hooks, const Json& arguments, bool enabled) {
    const std::string group = text_argument(arguments, "group");
    return respond_for_group(hooks.set_enabled(group, enabled), group);
}

// Answers when the change is in force.
void run_change(Command command, const Hooks& hooks, const Json& arguments,
                const Responder& respond) {
    const Result<health::AdminChange> change = parse_change(command, arguments);
    if (!change)
        return respond(Response::reject(change.error().message));
    hooks.change_backend(
        *change, flag_argument(arguments, "all"),
        [&hooks, change = *change, respond](const Result<std::vector<group::PeerOutcome>>& done) {
            if (!done)
                return respond(Response::reject(done.error().message));
            const view::BackendCount count =
                view::count_backends(view::tables_in_force(hooks.source()), change.pool);
            respond(Response::accept(change_json(change, count, *done)));
        });
}

Response unknown_command(const std::string& written) {
    std::array<std::string_view, protocol::kCommandCount> names;
    for (const protocol::CommandInfo& info : protocol::kCommands)
        names[static_cast<std::size_t>(info.command)] = info.name;
    return Response::reject("unknown command " + text::quote(written) +
                            text::suggestion(written, names));
}

void run_events(const Hooks& hooks, const Json& arguments, const Responder& respond) {
    events::Query query;
    if (const std::string written = text_argument(arguments, "object"); !written.empty()) {
        query.object = events::find_object(written);
        if (!query.object)
            return respond(
                Response::reject("object " + text::quote(written) +
                                 ": write backend, pool, group, port, config or dataplane"));
    }
    if (const std::string written = text_argument(arguments, "since"); !written.empty()) {
        const Result<std::uint32_t> since_s = parse_duration_s("since", written);
        if (!since_s)
            return respond(Response::reject(since_s.error().message));
        query.since_ms = unix_ms() - *since_s * std::int64_t{1000};
    }
    query.after =
        text::parse_number<std::uint64_t>(text_argument(arguments, "after")).value_or(query.after);
    respond_beside(
        hooks, [query](const view::Snapshot& snapshot) { return show_events(snapshot, query); },
        respond);
}

// `arguments` match the command's parameters.
void run(Command command, const Hooks& hooks, Json& arguments, const Responder& respond) {
    switch (command) {
        case Command::kShowStatus:
            return respond(Response::accept(show_status(hooks.source())));
        case Command::kShowServices:
            return respond_beside(hooks, show_services, respond);
        case Command::kShowBackends:
            return respond_beside(
                hooks,
                [pool = text_argument(arguments, "pool")](const view::Snapshot& snapshot) {
                    return show_backends(snapshot, pool);
                },
                respond);
        case Command::kShowChecks:
            return respond_beside(hooks, show_checks, respond);
        case Command::kShowPorts:
            return respond(Response::accept(show_ports(hooks.source())));
        case Command::kShowWorkers:
            return respond(Response::accept(show_workers(hooks.source())));
        case Command::kShowGroups:
            return respond(Response::accept(show_groups(hooks.source())));
        case Command::kShowDrops:
            return respond(
                Response::accept(show_drops(hooks.source(), flag_argument(arguments, "all"))));
        case Command::kShowEvents:
            return run_events(hooks, arguments, respond);
        case Command::kLookup:
            return respond(run_lookup(hooks, arguments));
        case Command::kConfigCheck:
            return run_check(hooks, arguments, respond);
        case Command::kConfigApply:
            return run_apply(hooks, arguments, respond);
        case Command::kGroupHandover:
            return respond(run_handover(hooks, arguments));
        case Command::kGroupPriority:
            return respond(run_priority(hooks, arguments));
        case Command::kGroupDisable:
            return respond(run_enable(hooks, arguments, false));
        case Command::kGroupEnable:
            return respond(run_enable(hooks, arguments, true));
        case Command::kBackendDrain:
        case Command::kBackendMaint:
        case Command::kBackendReady:
        case Command::kBackendWeight:
            return run_change(command, hooks, arguments, respond);
    }
}

}  // namespace

void dispatch(const Hooks& hooks, protocol::Request request, Access access,
              const Responder& respond) {
    const std::optional<Command> command = protocol::find_command(request.command);
    if (!command)
        return respond(unknown_command(request.command));
    if (access == Access::kRead && protocol::info_of(*command).effect != protocol::Effect::kReads)
        return respond(
            Response::reject(request.command +
                             ": only root and control's user may do this; members of the "
                             "socket's group may use show and lookup"));
    if (const auto fault = find_fault(request.arguments, protocol::info_of(*command).parameters))
        return respond(Response::reject(request.command + ": " + *fault));
    run(*command, hooks, request.arguments, respond);
}

Handler make_handler(Hooks hooks) {
    return [hooks = std::move(hooks)](protocol::Request request, Access access,
                                      const Responder& respond) {
        dispatch(hooks, std::move(request), access, respond);
    };
}

}  // namespace vipfwd::api
