// SPDX-License-Identifier: Apache-2.0
// vipfwd-dataplane: moves packets. It reads no configuration file: everything comes from
// vipfwd-control, through the region.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/host/cpus.h"
#include "dataplane/host/lock.h"
#include "dataplane/host/stop_signal.h"
#include "dataplane/io/dataplane.h"

namespace {

using vipfwd::Error;
using vipfwd::Result;

constexpr int kUsage = 2;
constexpr unsigned long kTimerSlack_ns =
    1000;  // by default the kernel adds 50 us to a worker's sleeps

struct Options {
    std::string run_directory;
    std::string log_level = "info";
};

void set_up_logs(const std::string& level) {
    spdlog::set_default_logger(spdlog::stderr_logger_mt("vipfwd-dataplane"));
    spdlog::set_level(spdlog::level::from_str(level));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l: %v");
}

// Sets what threads inherit. Best effort: without the privilege, the limits that there are must do.
void set_up_process() {
    const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &all);
    prctl(PR_SET_TIMERSLACK, kTimerSlack_ns);
    vipfwd::host::catch_stop_signals();
}

Result<void> serve(const Options& options) {
    std::error_code error;
    const std::string run_directory =
        std::filesystem::weakly_canonical(options.run_directory, error).string();
    const auto lock = vipfwd::host::lock_run_directory(run_directory);
    if (!lock)
        return lock.error();
    if (!lock->has_value())
        return Error{"another dataplane is running for " + options.run_directory};
    return vipfwd::io::Dataplane(run_directory).run();
}

}  // namespace

int main(int argc, char** argv) {
    if (const char* feature = vipfwd::host::missing_cpu_feature(); feature != nullptr) {
        std::fprintf(stderr,
                     "vipfwd-dataplane: compiled for processors with %s, which this one lacks: "
                     "build with `meson configure -Dcpu=x86-64 build`\n",
                     feature);
        return EXIT_FAILURE;
    }
    Options options;
    CLI::App app("Dataplane of the vipfwd load balancer.", "vipfwd-dataplane");
    app.set_version_flag("--version", VIPFWD_VERSION);
    app.add_option("--run-dir", options.run_directory, "where control's sockets are")
        ->default_val(std::string(vipfwd::abi::kDefaultRunDirectory))
        ->envname("VIPFWD_RUN_DIR");
    app.add_option("--log-level", options.log_level, "debug, info, warn or error")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
    }
    set_up_logs(options.log_level);
    set_up_process();
    if (const Result<void> served = serve(options); !served) {
        std::fprintf(stderr, "vipfwd-dataplane: %s\n", served.error().message.c_str());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
