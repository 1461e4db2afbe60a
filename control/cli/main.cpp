// SPDX-License-Identifier: Apache-2.0
// vipctl: shows the state of the gateway on this machine and changes it, by commands to
// vipfwd-control.
// Exit codes: 0 ok, 1 rejected, 2 wrong usage, 3 control unreachable; of `show status` also 4
// degraded, 5 down.
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/cli/client.h"
#include "control/cli/config_file.h"
#include "control/cli/field.h"
#include "control/cli/follow.h"
#include "control/cli/format.h"
#include "control/cli/handover.h"
#include "control/cli/indent_json.h"
#include "control/cli/table.h"
#include "control/cli/terminal.h"
#include "control/cli/words.h"
#include "control/protocol/commands.h"
#include "control/text/number.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::cli {
namespace {

using protocol::CommandInfo;
using protocol::Parameter;

constexpr int kOk = 0;
constexpr int kRejected = 1;
constexpr int kWrongUsage = 2;
constexpr int kUnreachable = 3;
constexpr int kDegraded = 4;
constexpr int kDown = 5;

constexpr std::chrono::milliseconds kHandoverPoll{20};
constexpr std::chrono::milliseconds kEventPoll{300};

constexpr const char* kRunDirectory = "--run-dir";
constexpr const char* kCommandFooter =
    "-j, --json prints JSON, --wide whole tables; see vipctl --help for all options of vipctl.";

constexpr const char* kFooter =
    "Examples:\n"
    "  vipctl show status                            is the gateway up, and which VIPs does it "
    "own?\n"
    "  vipctl show backends --pool web               which backends serve, and how much?\n"
    "  vipctl -j show services                       JSON, with exact numbers\n"
    "  vipctl show events --since 10m backend        what has become of backends, and why?\n"
    "  vipctl lookup tcp 192.0.2.7 40000 10.0.0.100 80\n"
    "                                                where does this connection go, and why?\n"
    "  vipctl config check new.toml                  is this file valid?\n"
    "  vipctl config apply                           apply the changed configuration\n"
    "  vipctl group handover edge                    let another gateway own these VIPs\n"
    "\n"
    "Exit codes: 0 ok, 1 rejected, 2 wrong usage, 3 vipfwd-control is not reachable;\n"
    "of \"show status\" also 4 degraded, 5 down.";

// What the command line gives for a parameter.
struct Argument {
    const Parameter& parameter;
    std::string text;  // of all types but kFlag
    bool flag = false;
};

// A command as a subcommand. CLI11 keeps references to the arguments: neither may move.
struct Subcommand {
    const CommandInfo& info;
    const CLI::App* app = nullptr;
    std::list<Argument> arguments = {};
};

std::string require_port(const std::string& text) {
    const bool is_port = text::parse_number<std::uint16_t>(text).has_value();
    return is_port ? "" : "'" + text + "' is not a port; use a number from 0 to 65535";
}

// Control's working directory is another one.
std::string absolute(const std::string& path) {
    std::error_code error;
    const std::filesystem::path full = std::filesystem::absolute(path, error);
    return error ? path : full.string();
}

void add_argument(CLI::App& app, Argument& argument) {
    const Parameter& parameter = argument.parameter;
    if (parameter.usage.empty())
        return;
    const std::string usage(parameter.usage);
    const std::string help(parameter.help);
    if (parameter.type == Parameter::Type::kFlag) {
        app.add_flag(usage, argument.flag, help);
        return;
    }
    CLI::Option* option = app.add_option(usage, argument.text, help);
    option->required(parameter.required);
    if (parameter.type == Parameter::Type::kPort)
        option->check(CLI::Validator(require_port, "PORT"));
    if (parameter.type == Parameter::Type::kTransport)
        option->check(CLI::IsMember({"tcp", "udp"}));
}

using Families = std::map<std::string_view, CLI::App*>;

// The subcommand "show", for "show status". It is added with the first command of its family, so
// that the help lists commands in the order of the table.
CLI::App& family_app(CLI::App& app, Families& families, std::string_view name) {
    CLI::App*& family = families[name];
    if (family == nullptr) {
        family = app.add_subcommand(std::string(name), std::string(protocol::family_help(name)));
        family->require_subcommand(1);
    }
    return *family;
}

std::list<Subcommand> add_subcommands(CLI::App& app) {
    Families families;
    std::list<Subcommand> subcommands;
    for (const CommandInfo& info : protocol::kCommands) {
        const std::string_view family = protocol::family_of(info);
        CLI::App& parent = family.empty() ? app : family_app(app, families, family);
        CLI::App* command =
            parent.add_subcommand(std::string(protocol::word_of(info)), std::string(info.help));
        command->footer(kCommandFooter);
        Subcommand& subcommand = subcommands.emplace_back(Subcommand{info, command});
        for (const Parameter& parameter : info.parameters)
            add_argument(*command, subcommand.arguments.emplace_back(Argument{parameter, {}}));
    }
    return subcommands;
}

protocol::Request request_of(const Subcommand& subcommand) {
    protocol::Request request{.command = std::string(subcommand.info.name)};
    for (const Argument& argument : subcommand.arguments) {
        const Parameter& parameter = argument.parameter;
        const std::string name(parameter.name);
        if (!parameter.is_sent || parameter.usage.empty())
            continue;
        if (parameter.type == Parameter::Type::kFlag)
            request.arguments[name] = argument.flag;
        else if (parameter.required || !argument.text.empty())
            request.arguments[name] =
                parameter.type == Parameter::Type::kPath ? absolute(argument.text) : argument.text;
    }
    return request;
}

// EPIPE is not a failure: a reader such as head(1) may stop early.
int print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return kOk;
    if (errno == EPIPE)
        return kOk;
    std::perror("vipctl: cannot write");
    return kRejected;
}

bool has_flag(const Subcommand& subcommand, std::string_view name) {
    return std::ranges::any_of(subcommand.arguments, [&](const Argument& argument) {
        return argument.parameter.name == name && argument.flag;
    });
}

int fail(const std::string& message, int code) {
    std::fprintf(stderr, "vipctl: %s\n", mask_control(message).c_str());
    return code;
}

// The exit code of `show status`.
int code_of_status(const Json& status) {
    const std::string verdict = cell_at(status, "/verdict");
    if (verdict == "degraded")
        return kDegraded;
    return verdict == "down" ? kDown : kOk;
}

// The exit code of a command that control has accepted. It may have failed on other gateways.
int code_of(protocol::Command command, const Json& result) {
    if (command == protocol::Command::kShowStatus)
        return code_of_status(result);
    const Json peers = result.is_object() ? value_at(result, "/peers") : Json();
    const bool is_everywhere = std::ranges::all_of(
        peers, [](const Json& peer) { return value_at(peer, "/error").is_null(); });
    return is_everywhere ? kOk : kRejected;
}

// How results are printed.
struct Printing {
    bool as_json = false;
    Layout layout;
};

std::string text_of(protocol::Command command, const Json& result, const Printing& printing) {
    return printing.as_json ? result.dump(2) + "\n" : format(command, result, printing.layout);
}

// The result of a command without arguments.
Result<Json> result_of(protocol::Command command, const std::string& socket_path) {
    const CommandInfo& info = protocol::info_of(command);
    Result<protocol::Response> response =
        ask(socket_path, {.command = std::string(info.name)}, std::chrono::seconds(info.timeout_s));
    if (!response)
        return response.error();
    return response->ok ? Result<Json>(std::move(response->result)) : Error{response->error};
}

// Reads the file that a request to check is about, by default control's. kOk, or the exit code.
int add_config_text(protocol::Request& request, const std::string& socket_path) {
    if (!request.arguments.contains("path")) {
        const Result<Json> status = result_of(protocol::Command::kShowStatus, socket_path);
        if (!status)
            return fail(status.error().message, kUnreachable);
        request.arguments["path"] = cell_at(*status, "/config/path");
    }
    Result<std::string> text = read_config(request.arguments["path"].get<std::string>());
    if (!text)
        return fail(text.error().message, kRejected);
    request.arguments["text"] = std::move(*text);
    return kOk;
}

int wait_for_handover(const std::string& group, const std::string& socket_path,
                      const Printing& printing) {
    const auto show_groups = [&] { return result_of(protocol::Command::kShowGroups, socket_path); };
    const Result<Json> outcome = await_handover(group, show_groups, kHandoverPoll);
    if (!outcome)
        return fail(outcome.error().message, kRejected);
    return print(text_of(protocol::Command::kGroupHandover, *outcome, printing));
}

// Prints events as they come, until standard output is closed.
int follow(protocol::Request request, const std::string& socket_path, bool as_json) {
    const auto ask_for_events = [&](std::uint64_t after) {
        if (after > 0)
            request.arguments["after"] = std::to_string(after);
        return ask(
            socket_path, request,
            std::chrono::seconds(protocol::info_of(protocol::Command::kShowEvents).timeout_s));
    };
    int code = kOk;
    const Result<void> followed =
        follow_events({.ask = ask_for_events,
                       .print =
                           [&code](const std::string& lines) {
                               code = print(lines);
                               return code == kOk && std::ferror(stdout) == 0;
                           },
                       .complain = [](const std::string& problem) { fail(problem, kUnreachable); }},
                      as_json, kEventPoll);
    return followed ? code : fail(followed.error().message, kRejected);
}

int run(const Subcommand& subcommand, const std::string& run_directory, const Printing& printing) {
    const std::string socket_path = abi::control_socket_path(run_directory);
    protocol::Request request = request_of(subcommand);
    if (subcommand.info.command == protocol::Command::kConfigCheck) {
        if (const int code = add_config_text(request, socket_path); code != kOk)
            return code;
    }
    if (subcommand.info.command == protocol::Command::kShowEvents && has_flag(subcommand, "follow"))
        return follow(std::move(request), socket_path, printing.as_json);
    const Result<std::string> answer =
        ask_for_line(socket_path, request, std::chrono::seconds(subcommand.info.timeout_s));
    if (!answer)
        return fail(answer.error().message, kUnreachable);
    // Of many rows, no more is made than their text.
    const auto rows = printing.as_json ? protocol::find_result(*answer) : std::nullopt;
    if (rows && rows->starts_with('['))
        return print(indent_json(*rows) + "\n");
    const Result<protocol::Response> response = read_response(socket_path, *answer);
    if (!response)
        return fail(response.error().message, kUnreachable);
    if (!response->ok) {
        if (printing.as_json)
            print(Json{{"error", response->error}, {"details", response->details}}.dump(2) + "\n");
        for (const std::string& line : response->details)
            std::fprintf(stderr, "%s\n", mask_control(line).c_str());
        return fail(response->error, kRejected);
    }
    if (subcommand.info.command == protocol::Command::kGroupHandover &&
        !has_flag(subcommand, "no_wait"))
        return wait_for_handover(request.arguments.at("group").get<std::string>(), socket_path,
                                 printing);
    const int code = print(text_of(subcommand.info.command, response->result, printing));
    return code == kOk ? code_of(subcommand.info.command, response->result) : code;
}

// The command line without options, of which only --run-dir has a value.
std::vector<std::string_view> words_of(int argc, char** argv) {
    std::vector<std::string_view> words;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == kRunDirectory)
            ++i;
        else if (!word.starts_with('-'))
            words.push_back(word);
    }
    return words;
}

int main_of(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    std::string run_directory;
    bool as_json = false;
    bool wide = false;
    CLI::App app("Shows the state of the vipfwd gateway on this machine, and changes it.",
                 "vipctl");
    app.set_version_flag("--version", "vipctl " VIPFWD_VERSION);
    app.require_subcommand(1);
    app.fallthrough();  // these options may stand anywhere on the command line
    app.add_flag("-j,--json", as_json, "print JSON");
    app.add_flag("--wide", wide, "on a terminal, too: whole tables, however wide they are");
    app.add_option(kRunDirectory, run_directory, "the directory of control's socket")
        ->default_val(std::string(abi::kDefaultRunDirectory))
        ->envname("VIPFWD_RUN_DIR");
    const std::list<Subcommand> subcommands = add_subcommands(app);
    app.footer(kFooter);  // set last, so that subcommands do not inherit it
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)  // help and version
            return app.exit(error);
        const std::vector<std::string> unknown = app.remaining(true);
        const auto option = std::ranges::find_if(
            unknown, [](const std::string& word) { return word.starts_with('-'); });
        if (option != unknown.end())
            return fail("unknown option " + *option + "; see vipctl --help", kWrongUsage);
        if (const std::string wrong = explain_words(words_of(argc, argv)); !wrong.empty())
            return fail(wrong, kWrongUsage);
        app.exit(error);
        return kWrongUsage;
    }
    for (const Subcommand& subcommand : subcommands) {
        if (subcommand.app->parsed())
            return run(subcommand, run_directory,
                       {.as_json = as_json,
                        .layout = {.width = wide ? kUnlimited : line_width(STDOUT_FILENO),
                                   .now_s = std::time(nullptr)}});
    }
    return kWrongUsage;
}

}  // namespace
}  // namespace vipfwd::cli

int main(int argc, char** argv) {
    return vipfwd::cli::main_of(argc, argv);
}
