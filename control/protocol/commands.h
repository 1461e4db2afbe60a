// SPDX-License-Identifier: Apache-2.0
// The list of commands that control answers: one row per command, with its parameters and its help.
// vipctl builds its subcommands from this list. Control runs a command in control/api/dispatch.cpp,
// and vipctl prints its result in control/cli/format.cpp; both switch over the enum, so that a
// command without a handler or a formatter does not compile.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dataplane/abi/enum.h"

namespace vipfwd::protocol {

enum class Command : std::uint8_t {
    kShowStatus,
    kShowServices,
    kShowBackends,
    kShowChecks,
    kShowPorts,
    kShowWorkers,
    kShowGroups,
    kShowDrops,
    kShowEvents,
    kLookup,
    kConfigCheck,
    kConfigApply,
    kGroupHandover,
    kGroupPriority,
    kGroupDisable,
    kGroupEnable,
    kBackendDrain,
    kBackendMaint,
    kBackendReady,
    kBackendWeight,
    kLast = kBackendWeight,
};

inline constexpr std::size_t kCommandCount = abi::kEnumCount<Command>;

struct Parameter {
    // What vipctl requires of the text. Requests carry a boolean for kFlag, and a string for all
    // other types; control checks the string itself.
    enum class Type { kFlag, kText, kPath, kPort, kTransport };

    std::string_view name;  // in a request's "arguments"
    // On vipctl's command line: "--pool" for an option, else positional. Empty: it is not there,
    // and vipctl provides the value.
    std::string_view usage;
    std::string_view help;
    Type type = Type::kText;
    bool required = false;
    bool is_sent = true;  // false: for vipctl itself
};

// What a command does. Those that only show the gateway's state are for all users who can open
// the control socket, the others for root and control's own user.
enum class Effect {
    kReads,
    kReadsFiles,  // that the request names, with control's rights, and tells of their faults
    kChanges,
};

struct CommandInfo {
    Command command;
    std::string_view name;  // of one word, or of two: of a family, and of the command in it
    std::string_view help;
    std::span<const Parameter> parameters = {};
    Effect effect = Effect::kReads;
    int timeout_s = 10;  // how long vipctl waits for the answer
};

// Commands with a common first word.
struct CommandFamily {
    std::string_view name;
    std::string_view help;
};

namespace parameters {

inline constexpr std::array kPool = {
    Parameter{"pool", "--pool", "only the backends of this pool"},
};
inline constexpr std::array kAll = {
    Parameter{"all", "--all", "also the reasons that never occurred", Parameter::Type::kFlag},
};
inline constexpr std::array kEvents = {
    Parameter{"object", "OBJECT", "only those of: backend, pool, group, port, config or dataplane"},
    Parameter{"since", "--since", "only those of the last time, such as \"10m\""},
    Parameter{"follow", "-f,--follow", "go on with the events to come", Parameter::Type::kFlag,
              false, false},
    Parameter{"after", "", "those after the event of that id"},
};
inline constexpr std::array kFlow = {
    Parameter{"protocol", "PROTOCOL", "", Parameter::Type::kTransport, true},
    Parameter{"source", "SOURCE", "the client's address", Parameter::Type::kText, true},
    Parameter{"source_port", "SOURCE_PORT", "", Parameter::Type::kPort, true},
    Parameter{"destination", "DESTINATION", "a VIP", Parameter::Type::kText, true},
    Parameter{"destination_port", "DESTINATION_PORT", "", Parameter::Type::kPort, true},
};
// vipctl reads the file, with the rights of its user. Control needs the path for messages, for who
// may write to the file, and to find the files that it names.
inline constexpr std::array kCheck = {
    Parameter{"path", "FILE", "default: the file that control was started with",
              Parameter::Type::kPath},
    Parameter{"text", "", "", Parameter::Type::kText, true},
};
inline constexpr std::array kApply = {
    Parameter{"force", "--force", "also if VIPs or services lose service, or connections are reset",
              Parameter::Type::kFlag},
    Parameter{"dry_run", "--dry-run", "only say what would change", Parameter::Type::kFlag},
};
inline constexpr std::array kGroup = {
    Parameter{"group", "GROUP", "", Parameter::Type::kText, true},
};
inline constexpr std::array kHandover = {
    kGroup[0],
    Parameter{"no_wait", "--no-wait", "do not wait until another gateway has taken the VIPs over",
              Parameter::Type::kFlag, false, false},
};
inline constexpr std::array kGroupPriority = {
    kGroup[0],
    Parameter{"priority", "PRIORITY", "1 to 254, or \"configured\"", Parameter::Type::kText, true},
};

inline constexpr std::array kBackend = {
    Parameter{"pool", "POOL", "", Parameter::Type::kText, true},
    Parameter{"backend", "BACKEND", "its name or address", Parameter::Type::kText, true},
    Parameter{"all", "--all", "on the other gateways of its groups, too; needs auth_key_file",
              Parameter::Type::kFlag},
};
inline constexpr std::array kMaint = {
    kBackend[0],
    kBackend[1],
    kBackend[2],
    Parameter{"deadline", "--deadline",
              "until then it keeps its connections, such as \"10m\"; "
              "default: they move at once"},
};
inline constexpr std::array kWeight = {
    kBackend[0],
    kBackend[1],
    kBackend[2],
    Parameter{"weight", "WEIGHT", "0 to 65535, or \"configured\"", Parameter::Type::kText, true},
};

}  // namespace parameters

// A change of a large configuration rebuilds all rings, which takes seconds.
inline constexpr int kConfigTimeout_s = 60;

// Here, and then on other gateways.
inline constexpr int kBackendTimeout_s = 20;

inline constexpr std::array<CommandInfo, kCommandCount> kCommands = {{
    {Command::kShowStatus, "show status",
     "is the gateway ok, degraded or down, and why; its packet totals and VIPs"},
    {Command::kShowServices, "show services", "the services, with their backends and traffic"},
    {Command::kShowBackends, "show backends",
     "the backends, with their health, share of new connections, next hop and traffic",
     parameters::kPool},
    {Command::kShowChecks, "show checks", "the health checks, with their results and latencies"},
    {Command::kShowPorts, "show ports", "the network interfaces that the dataplane drives"},
    {Command::kShowWorkers, "show workers", "the dataplane's worker threads"},
    {Command::kShowGroups, "show groups", "the elections: which gateway owns the VIPs, and why"},
    {Command::kShowDrops, "show drops", "the dropped packets, by reason", parameters::kAll},
    {Command::kShowEvents, "show events", "what has changed on the gateway, when and why",
     parameters::kEvents},
    {Command::kLookup, "lookup", "find the backend of a connection, and say why it is this one",
     parameters::kFlow},
    {Command::kConfigCheck, "config check", "list all errors and warnings of a configuration file",
     parameters::kCheck, Effect::kReadsFiles, kConfigTimeout_s},
    {Command::kConfigApply, "config apply",
     "read control's file again, apply it, and say what changes; if it has an error, nothing "
     "changes",
     parameters::kApply, Effect::kChanges, kConfigTimeout_s},
    {Command::kGroupHandover, "group handover",
     "let another gateway take the VIPs over; no packet is lost", parameters::kHandover,
     Effect::kChanges},
    {Command::kGroupPriority, "group priority",
     "set the priority, until control and the dataplane are both stopped",
     parameters::kGroupPriority, Effect::kChanges},
    {Command::kGroupDisable, "group disable",
     "leave the election and give the VIPs up, until the group is enabled, or control and the "
     "dataplane are both stopped",
     parameters::kGroup, Effect::kChanges},
    {Command::kGroupEnable, "group enable", "participate in the election again", parameters::kGroup,
     Effect::kChanges},
    {Command::kBackendDrain, "backend drain",
     "give a backend no new connections; those that it has go on", parameters::kBackend,
     Effect::kChanges, kBackendTimeout_s},
    {Command::kBackendMaint, "backend maint",
     "give a backend no connections: those that it has move, at the deadline if there is one",
     parameters::kMaint, Effect::kChanges, kBackendTimeout_s},
    {Command::kBackendReady, "backend ready", "give a backend connections again",
     parameters::kBackend, Effect::kChanges, kBackendTimeout_s},
    {Command::kBackendWeight, "backend weight",
     "set a backend's weight, until \"configured\" is chosen", parameters::kWeight,
     Effect::kChanges, kBackendTimeout_s},
}};

inline constexpr std::array kFamilies = {
    CommandFamily{"show", "show the state of the gateway"},
    CommandFamily{"config", "check or apply the configuration"},
    CommandFamily{"group", "act on a group's election"},
    CommandFamily{"backend", "drain a backend, or set its weight"},
};

// "show" of "show status"; empty for a command of one word.
constexpr std::string_view family_of(const CommandInfo& info) {
    const std::size_t blank = info.name.find(' ');
    return blank == std::string_view::npos ? std::string_view() : info.name.substr(0, blank);
}

// "status" of "show status".
constexpr std::string_view word_of(const CommandInfo& info) {
    const std::string_view family = family_of(info);
    return family.empty() ? info.name : info.name.substr(family.size() + 1);
}

// Empty if there is no such family.
constexpr std::string_view family_help(std::string_view name) {
    for (const CommandFamily& family : kFamilies) {
        if (family.name == name)
            return family.help;
    }
    return {};
}

static_assert(abi::is_indexed_by(kCommands, &CommandInfo::command));

static_assert(
    [] {
        for (const CommandInfo& info : kCommands) {
            if (!family_of(info).empty() && family_help(family_of(info)).empty())
                return false;
        }
        return true;
    }(),
    "the first word of a command of two words is in kFamilies");

constexpr const CommandInfo& info_of(Command command) {
    return kCommands[static_cast<std::size_t>(command)];
}

constexpr std::optional<Command> find_command(std::string_view name) {
    for (const CommandInfo& info : kCommands) {
        if (info.name == name)
            return info.command;
    }
    return std::nullopt;
}

}  // namespace vipfwd::protocol
