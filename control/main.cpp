// SPDX-License-Identifier: Apache-2.0
// vipfwd-control: loads the configuration, then serves the dataplane and vipctl until SIGTERM or
// SIGINT. SIGHUP reloads the configuration.
#include <grp.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "control/gateway/gateway.h"

namespace {

using vipfwd::config::Diagnostic;

constexpr int kUsage = 2;
constexpr std::size_t kLogLines =
    8192;  // queue of the log thread; when full, the oldest are dropped

std::string absolute(const std::string& path) {
    std::error_code error;
    const std::filesystem::path full = std::filesystem::absolute(path, error);
    return error ? path : full.string();
}

std::optional<gid_t> group_number(const std::string& name) {
    const group* found = getgrnam(name.c_str());
    return found == nullptr ? std::nullopt : std::optional(found->gr_gid);
}

void print(const vipfwd::config::LoadOutcome& loaded, const std::string& path) {
    for (const Diagnostic& diagnostic : loaded.diagnostics)
        std::fprintf(stderr, "%s\n", vipfwd::config::to_string(diagnostic, path).c_str());
}

int check(const vipfwd::config::LoadOutcome& loaded, const std::string& path) {
    if (!loaded.config)
        return EXIT_FAILURE;
    std::printf("%s: ok: %zu services, %zu pools, %zu ports\n", path.c_str(),
                loaded.config->services.size(), loaded.config->pools.size(),
                loaded.config->ports.size());
    return EXIT_SUCCESS;
}

int serve(const vipfwd::gateway::Options& options, vipfwd::config::LoadOutcome loaded) {
    vipfwd::Loop loop;
    vipfwd::gateway::Gateway gateway(loop, options, std::move(loaded));
    if (vipfwd::Result<void> started = gateway.start(); !started) {
        std::fprintf(stderr, "vipfwd-control: %s\n", started.error().message.c_str());
        return EXIT_FAILURE;
    }
    const vipfwd::SignalWatch terminate(loop, SIGTERM, [&] { loop.stop(); });
    const vipfwd::SignalWatch interrupt(loop, SIGINT, [&] { loop.stop(); });
    const vipfwd::SignalWatch hangup(
        loop, SIGHUP, [&] { gateway.reload({}, [](const vipfwd::plan::Outcome&) {}); });
    sd_notify(0, "READY=1");
    loop.run();
    sd_notify(0, "STOPPING=1");
    gateway.stop();
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    vipfwd::gateway::Options options;
    vipfwd::gateway::Replay replay;
    std::string log_level = "info";
    std::string socket_group;
    bool check_only = false;
    CLI::App app("Control process of the vipfwd load balancer.", "vipfwd-control");
    app.set_version_flag("--version", VIPFWD_VERSION);
    app.add_option("--config", options.config_path, "configuration file (TOML)")->required();
    app.add_flag("--check", check_only, "only check the configuration, then exit");
    app.add_option("--run-dir", options.run_directory, "the directory of the sockets")
        ->default_val(std::string(vipfwd::abi::kDefaultRunDirectory))
        ->envname("VIPFWD_RUN_DIR");
    app.add_option("--state-dir", options.state_directory,
                   "the directory for what operators choose by vipctl, so that it outlives a "
                   "reboot; default: it does not")
        ->envname("STATE_DIRECTORY");
    app.add_option("--socket-group", socket_group,
                   "the members of this group may use vipctl show and lookup");
    CLI::Option* input = app.add_option(
        "--replay-in", replay.input, "replay this capture instead of opening the configured ports");
    app.add_option("--replay-out", replay.output, "write the transmitted packets to this capture")
        ->needs(input);
    app.add_option("--log-level", log_level, "debug, info, warn or error")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
    }
    if (*input)
        options.replay = replay;

    if (!socket_group.empty()) {
        options.socket_group = group_number(socket_group);
        if (!options.socket_group) {
            std::fprintf(stderr, "vipfwd-control: --socket-group: no group '%s' on this machine\n",
                         socket_group.c_str());
            return EXIT_FAILURE;
        }
    }

    vipfwd::config::LoadOutcome loaded = vipfwd::gateway::load(options);
    print(loaded, options.config_path);
    if (check_only || !loaded.config)
        return check(loaded, options.config_path);
    // vipctl reads the file, too, from another working directory.
    options.config_path = absolute(options.config_path);

    // The log is written by a thread of its own: a slow reader of the log must not delay an
    // election.
    // A write to a log whose reader has ended must not end control.
    std::signal(SIGPIPE, SIG_IGN);
    spdlog::init_thread_pool(kLogLines, 1);
    spdlog::set_default_logger(
        spdlog::create_async_nb<spdlog::sinks::stderr_sink_mt>("vipfwd-control"));
    spdlog::set_level(spdlog::level::from_str(log_level));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l: %v");
    const int code = serve(options, std::move(loaded));
    spdlog::shutdown();
    return code;
}
