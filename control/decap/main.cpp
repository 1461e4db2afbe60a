// SPDX-License-Identifier: Apache-2.0
// vipfwd-decap: attaches, detaches and examines a backend's decapsulator.
// Exit codes: 0 done, 1 failed, 2 wrong usage.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "control/decap/attach.h"
#include "control/decap/kernel_message.h"
#include "control/decap/report.h"
#include "control/decap/status.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/bpf/attached.h"

namespace vipfwd::decap {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

int fail(const Error& error) {
    std::fprintf(stderr, "vipfwd-decap: %s\n", error.message.c_str());
    return kFailed;
}

int run_attach(const AttachRequest& request) {
    const Result<Attached> attached = attach(request);
    if (!attached)
        return fail(attached.error());
    std::printf("%s: attached in %s mode, unwraps for %s\n", request.interface.c_str(),
                std::string(name(attached->mode)).c_str(), list(attached->addresses).c_str());
    return kDone;
}

int run_detach(const std::string& interface) {
    const Result<bool> detached = bpf::detach_leftover(interface, bpf::kDecapProgram);
    if (!detached)
        return fail(detached.error());
    std::printf("%s: %s\n", interface.c_str(), *detached ? "detached" : "was not attached");
    return kDone;
}

int run_status(bool as_program_input) {
    const Result<std::vector<InterfaceStatus>> interfaces = status();
    if (!interfaces)
        return fail(interfaces.error());
    const std::string text = as_program_input ? as_json(*interfaces) : as_text(*interfaces);
    std::fputs(text.c_str(), stdout);
    return kDone;
}

std::string require_ipv4(const std::string& text) {
    const std::optional<IpAddress> address = parse_ip(text);
    return address && address->is_v4() ? "" : "'" + text + "' is not an IPv4 address";
}

ModeChoice mode_of(const std::string& text) {
    if (text == "native")
        return ModeChoice::kNative;
    return text == "generic" ? ModeChoice::kGeneric : ModeChoice::kAuto;
}

int main_of(int argc, char** argv) {
    CLI::App app("Unwraps what vipfwd gateways tunnel to this backend (IPIP), with XDP.");
    app.require_subcommand(1);
    std::string interface;
    std::vector<std::string> addresses;
    std::string mode = "auto";
    bool json = false;

    CLI::App* attach_command = app.add_subcommand(
        "attach", "put the decapsulator on an interface, or refresh the one that is there");
    attach_command->add_option("interface", interface)->required();
    attach_command
        ->add_option("--mode", mode,
                     "native: in the driver; generic: works anywhere; auto: native if it can")
        ->check(CLI::IsMember({"auto", "native", "generic"}));
    attach_command
        ->add_option("--address", addresses,
                     "unwrap for this address only (may be repeated); otherwise for all of this "
                     "host's but those on loopback")
        ->check(CLI::Validator(require_ipv4, "IPv4"))
        ->expected(1)
        ->take_all();
    CLI::App* detach_command =
        app.add_subcommand("detach", "take the decapsulator off an interface");
    detach_command->add_option("interface", interface)->required();
    CLI::App* status_command =
        app.add_subcommand("status", "show every interface that has the decapsulator");
    status_command->add_flag("-j,--json", json, "print JSON");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kWrongUsage;
    }

    capture_kernel_messages();
    if (status_command->parsed())
        return run_status(json);
    if (detach_command->parsed())
        return run_detach(interface);
    AttachRequest request;
    request.interface = interface;
    request.mode = mode_of(mode);
    for (const std::string& address : addresses)
        request.addresses.push_back(*parse_ip(address));
    return run_attach(request);
}

}  // namespace
}  // namespace vipfwd::decap

int main(int argc, char** argv) {
    return vipfwd::decap::main_of(argc, argv);
}
