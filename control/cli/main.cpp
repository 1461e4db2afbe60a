// SPDX-License-Identifier: Apache-2.0
// vipctl: shows and changes what vipfwd-control does.
// Exit codes: 0 ok, 1 rejected, 2 wrong usage, 3 control unreachable.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "control/cli/client.h"
#include "control/cli/field.h"
#include "control/cli/format.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::cli {
namespace {

constexpr int kOk = 0;
constexpr int kRejected = 1;
constexpr int kWrongUsage = 2;
constexpr int kUnreachable = 3;

constexpr std::chrono::seconds kTimeout(10);
// All rings of a large configuration take seconds to build.
constexpr std::chrono::seconds kConfigTimeout(60);

constexpr const char* kFooter =
    "Examples:\n"
    "  vipctl show status                            is all well?\n"
    "  vipctl show backends --pool web               who serves, and how much of it\n"
    "  vipctl -j show services                       the same as JSON, in exact numbers\n"
    "  vipctl lookup tcp 192.0.2.7 40000 10.0.0.100 80\n"
    "                                                where does this connection go, and why\n"
    "  vipctl config check new.toml                  would this file do?\n"
    "  vipctl config apply                           take up the changed configuration\n"
    "  vipctl group handover edge                    let the other gateway own these VIPs\n"
    "\n"
    "Exit codes: 0 ok, 1 rejected, 2 wrong usage, 3 vipfwd-control is not reachable.";

struct Invocation {
    std::string run_directory;
    bool as_json = false;
    std::string command;
    Json arguments = Json::object();
};

// What the command line's options are read into.
struct Words {
    std::string pool;
    bool all_drops = false;
    std::string protocol, source, source_port, destination, destination_port;
    std::string file;
    std::string group, priority;
};

std::string require_port(const std::string& text) {
    unsigned port = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, port);
    const bool good = error == std::errc() && rest == end && port <= 65535;
    return good ? "" : "'" + text + "' is not a port; use a number from 0 to 65535";
}

// Control's working directory is another one.
std::string absolute(const std::string& path) {
    std::error_code error;
    const std::filesystem::path full = std::filesystem::absolute(path, error);
    return error ? path : full.string();
}

void add_show(CLI::App& app, Invocation& invocation, Words& words) {
    CLI::App* show = app.add_subcommand("show", "show what is going on");
    show->require_subcommand(1);
    const auto add = [&](const char* name, const char* description) {
        CLI::App* one = show->add_subcommand(name, description);
        one->callback([&invocation, name] { invocation.command = std::string("show ") + name; });
        return one;
    };
    add("status", "the gateway, its dataplane, totals and VIPs");
    add("services", "what clients connect to, and its traffic");
    CLI::App* backends = add("backends", "who serves, with what share of new connections");
    backends->add_option("--pool", words.pool, "of this pool only");
    add("ports", "the network interfaces that the dataplane drives");
    add("workers", "the dataplane's threads");
    add("groups", "the elections for VIPs: who owns them, and why");
    CLI::App* drops = add("drops", "why packets were dropped");
    drops->add_flag("--all", words.all_drops, "with the reasons that never occurred");
    backends->parse_complete_callback([&] {
        if (!words.pool.empty())
            invocation.arguments["pool"] = words.pool;
    });
    drops->parse_complete_callback([&] { invocation.arguments["all"] = words.all_drops; });
}

void add_lookup(CLI::App& app, Invocation& invocation, Words& words) {
    CLI::App* lookup = app.add_subcommand("lookup", "where a connection goes, and why");
    const CLI::Validator port(require_port, "PORT");
    lookup->add_option("PROTOCOL", words.protocol)
        ->required()
        ->check(CLI::IsMember({"tcp", "udp"}));
    lookup->add_option("SOURCE", words.source, "the client's address")->required();
    lookup->add_option("SOURCE_PORT", words.source_port)->required()->check(port);
    lookup->add_option("DESTINATION", words.destination, "a VIP")->required();
    lookup->add_option("DESTINATION_PORT", words.destination_port)->required()->check(port);
    lookup->callback([&] {
        invocation.command = "lookup";
        invocation.arguments = {{"protocol", words.protocol},
                                {"source", words.source},
                                {"source_port", words.source_port},
                                {"destination", words.destination},
                                {"destination_port", words.destination_port}};
    });
}

void add_config(CLI::App& app, Invocation& invocation, Words& words) {
    CLI::App* config = app.add_subcommand("config", "check or apply the configuration");
    config->require_subcommand(1);
    CLI::App* check = config->add_subcommand("check", "tell all that is wrong with a file");
    check->add_option("FILE", words.file, "default: the file that control was started with");
    check->callback([&] {
        invocation.command = "config check";
        if (!words.file.empty())
            invocation.arguments["path"] = absolute(words.file);
    });
    config
        ->add_subcommand("apply", "read control's file again; with an error in it, nothing changes")
        ->callback([&] { invocation.command = "config apply"; });
}

void add_group(CLI::App& app, Invocation& invocation, Words& words) {
    CLI::App* group = app.add_subcommand("group", "decide about a group's VIPs");
    group->require_subcommand(1);
    const auto add = [&](const char* name, const char* description) {
        CLI::App* one = group->add_subcommand(name, description);
        one->add_option("GROUP", words.group)->required();
        one->callback([&invocation, &words, name] {
            invocation.command = std::string("group ") + name;
            invocation.arguments["group"] = words.group;
            if (!words.priority.empty())
                invocation.arguments["priority"] = words.priority;
        });
        return one;
    };
    add("handover", "let another gateway take the VIPs over; no packet is lost");
    add("priority", "take part with another priority, until control is restarted")
        ->add_option("PRIORITY", words.priority, "1 to 254, or \"configured\"")
        ->required();
    add("disable", "take no part any more: give the VIPs up, until enabled");
    add("enable", "take part again");
}

// A reader that has seen enough, as head(1), is no failure.
int print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return kOk;
    if (errno == EPIPE)
        return kOk;
    std::perror("vipctl: cannot write");
    return kRejected;
}

int run(const Invocation& invocation) {
    const bool is_config = invocation.command.starts_with("config");
    const Result<Answer> answer =
        ask(abi::control_socket_path(invocation.run_directory), invocation.command,
            invocation.arguments, is_config ? kConfigTimeout : kTimeout);
    if (!answer) {
        std::fprintf(stderr, "vipctl: %s\n", answer.error().message.c_str());
        return kUnreachable;
    }
    if (!answer->ok) {
        for (const std::string& line : answer->details)
            std::fprintf(stderr, "%s\n", printable(line).c_str());
        std::fprintf(stderr, "vipctl: %s\n", printable(answer->error).c_str());
        return kRejected;
    }
    return print(invocation.as_json ? answer->result.dump(2) + "\n"
                                    : format(invocation.command, answer->result));
}

int main_of(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    Invocation invocation;
    Words words;
    CLI::App app("Shows and changes what the vipfwd gateway on this machine does.", "vipctl");
    app.set_version_flag("--version", "vipctl " VIPFWD_VERSION);
    app.require_subcommand(1);
    app.fallthrough();  // so that these options may stand anywhere
    app.add_flag("-j,--json", invocation.as_json, "print JSON");
    app.add_option("--run-dir", invocation.run_directory, "where control's socket is")
        ->default_val(std::string(abi::kDefaultRunDirectory))
        ->envname("VIPFWD_RUN_DIR");
    add_show(app, invocation, words);
    add_lookup(app, invocation, words);
    add_config(app, invocation, words);
    add_group(app, invocation, words);
    app.footer(kFooter);  // now, so that subcommands do not repeat it
    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError& error) {
        // CLI11 would complain of the subcommand that is missing and not of the one misspelt.
        const std::vector<std::string> unknown = app.remaining(true);
        if (unknown.empty())
            app.exit(error);
        else
            app.exit(CLI::ExtrasError(unknown));
        return kWrongUsage;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kOk : kWrongUsage;
    }
    return run(invocation);
}

}  // namespace
}  // namespace vipfwd::cli

int main(int argc, char** argv) {
    return vipfwd::cli::main_of(argc, argv);
}
