// SPDX-License-Identifier: Apache-2.0
// vipfwd-decap: attaches the decapsulator to interfaces of a backend, detaches it, and shows its
// status. Exit codes: 0 done, 1 failed, 2 wrong usage.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "control/decap/attach.h"
#include "control/decap/kernel_message.h"
#include "control/decap/output.h"
#include "control/decap/source_prefix.h"
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
    if (attached->settings.allowed.empty()) {
        std::fputs(
            "vipfwd-decap: warning: tunnels from all sources are unwrapped, so that anybody who "
            "reaches this host can send to its VIPs in any client's name; name the gateways with "
            "--allow\n",
            stderr);
    }
    std::printf("%s: attached in %s mode, %s\n", request.interface.c_str(),
                std::string(name(attached->mode)).c_str(), describe(attached->settings).c_str());
    return kDone;
}

int run_detach(const std::string& interface) {
    const Result<bool> detached = bpf::detach_leftover(interface, bpf::kDecapProgram);
    if (!detached)
        return fail(detached.error());
    std::printf("%s: %s\n", interface.c_str(), *detached ? "detached" : "was not attached");
    return kDone;
}

int run_status(bool json) {
    const Result<std::vector<InterfaceStatus>> interfaces = status();
    if (!interfaces)
        return fail(interfaces.error());
    const std::string text = json ? as_json(*interfaces) : as_text(*interfaces);
    std::fputs(text.c_str(), stdout);
    return kDone;
}

std::string require_address(const std::string& text) {
    return parse_ip(text) ? "" : "'" + text + "' is not an address";
}

std::string require_prefix(const std::string& text) {
    return parse_source_prefix(text) ? "" : "'" + text + "' is neither an address nor a prefix";
}

ModeChoice mode_of(const std::string& text) {
    if (text == "native")
        return ModeChoice::kNative;
    return text == "generic" ? ModeChoice::kGeneric : ModeChoice::kAuto;
}

// The command line's arguments, which CLI11 has validated.
struct Arguments {
    std::string interface;
    std::string mode = "auto";
    std::vector<std::string> addresses;
    std::vector<std::string> vips;
    std::uint16_t gue_port = kDefaultGuePort;
    std::vector<std::string> allowed;
    bool json = false;
};

CLI::App* add_attach(CLI::App& app, Arguments& arguments) {
    CLI::App* command = app.add_subcommand(
        "attach",
        "attach the decapsulator to an interface, or replace the one there, with these options");
    command->add_option("interface", arguments.interface)->required();
    command
        ->add_option(
            "--mode", arguments.mode,
            "native: in the driver; generic: works on any interface; auto: native if possible")
        ->check(CLI::IsMember({"auto", "native", "generic"}));
    command
        ->add_option("--address", arguments.addresses,
                     "unwrap tunnels to this address only (may be repeated); default: all "
                     "addresses of this host except those of loopback interfaces")
        ->check(CLI::Validator(require_address, "ADDRESS"))
        ->expected(1)
        ->take_all();
    command
        ->add_option("--vip", arguments.vips,
                     "deliver packets to this address only (may be repeated); default: all "
                     "addresses of loopback interfaces except 127.0.0.0/8 and ::1")
        ->check(CLI::Validator(require_address, "ADDRESS"))
        ->expected(1)
        ->take_all();
    command->add_option("--gue-port", arguments.gue_port, "the UDP destination port of GUE")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    command
        ->add_option("--allow", arguments.allowed,
                     "the address or network of gateways: drop tunnels from elsewhere (may be "
                     "repeated); default: all sources are allowed, with a warning")
        ->check(CLI::Validator(require_prefix, "SOURCE[/PREFIX]"))
        ->expected(1)
        ->take_all();
    return command;
}

AttachRequest request_of(const Arguments& arguments) {
    AttachRequest request;
    request.interface = arguments.interface;
    request.mode = mode_of(arguments.mode);
    request.settings.gue_port = arguments.gue_port;
    for (const std::string& address : arguments.addresses)
        request.settings.addresses.push_back(*parse_ip(address));
    for (const std::string& vip : arguments.vips)
        request.settings.vips.push_back(*parse_ip(vip));
    for (const std::string& prefix : arguments.allowed)
        request.settings.allowed.push_back(*parse_source_prefix(prefix));
    return request;
}

int main_of(int argc, char** argv) {
    CLI::App app(
        "Decapsulates, by XDP, the packets that vipfwd gateways tunnel to this backend (IPIP, "
        "GUE).");
    app.require_subcommand(1);
    Arguments arguments;
    const CLI::App* attach_command = add_attach(app, arguments);
    CLI::App* detach_command =
        app.add_subcommand("detach", "detach the decapsulator from an interface");
    detach_command->add_option("interface", arguments.interface)->required();
    CLI::App* status_command =
        app.add_subcommand("status", "show all interfaces with the decapsulator");
    status_command->add_flag("-j,--json", arguments.json, "print JSON");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kWrongUsage;
    }

    capture_kernel_messages();
    if (attach_command->parsed())
        return run_attach(request_of(arguments));
    if (detach_command->parsed())
        return run_detach(arguments.interface);
    return run_status(arguments.json);
}

}  // namespace
}  // namespace vipfwd::decap

int main(int argc, char** argv) {
    return vipfwd::decap::main_of(argc, argv);
}
