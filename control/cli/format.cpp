// SPDX-License-Identifier: Apache-2.0
#include "control/cli/format.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "control/cli/field.h"
#include "dataplane/abi/counter_list.h"

namespace vipfwd::cli {
namespace {

constexpr std::array kServices = {
    Field{"SERVICE", "/name"},
    Field{"VIP", "/vip"},
    Field{"PROTOCOL", "/protocol"},
    Field{"PORT", "/port"},
    Field{"POOL", "/pool", Kind::kText, 2},
    Field{"FORWARD", "/forward", Kind::kText, 7},
    Field{"AFFINITY", "/affinity", Kind::kText, 8},
    Field{"PIN FLOWS", "/pin_flows", Kind::kText, 9},
    Field{"BACKENDS", "/backends/total", Kind::kCount, 6},
    Field{"SERVING", "/backends/serving", Kind::kCount},
    Field{"DRAINING", "/backends/draining", Kind::kCount, 4},
    Field{"DOWN", "/backends/down", Kind::kCount, 3},
};

// Of services whose pools have backends that stand by, or fail open.
constexpr std::array kPolicy = {
    Field{"STANDBY", "/backends/standby", Kind::kCount, 5},
    Field{"FAILS OPEN", "/fails_open", Kind::kText, 3},
};

constexpr std::array kBackends = {
    Field{"POOL", "/pool"},
    Field{"BACKEND", "/name"},
    Field{"ADDRESS", "/address", Kind::kText, 1},
    Field{"WEIGHT", "/weight", Kind::kNumber, 4},
    Field{"STATE", "/state"},
    Field{"ADMIN", "/admin", Kind::kText, 5},
    Field{"SLOTS", "/slots", Kind::kCount, 8},
    Field{"SHARE", "/share", Kind::kPercent, 3},
    Field{"NEXT HOP", "/next_hop/mac", Kind::kText, 7},
    Field{"PORT", "/next_hop/port", Kind::kText, 6},
    Field{"HOP STATE", "/next_hop/state"},
};

// Of backends in tiers.
constexpr std::array kTier = {Field{"TIER", "/tier", Kind::kNumber, 9}};

// Of backends with a check.
constexpr std::array kHealth = {
    Field{"HEALTH", "/health", Kind::kText, 2},
    Field{"SINCE", "/health_age_ms", Kind::kAge, 5},
    Field{"WHY", "/why", Kind::kSentence, 1},
};

constexpr std::array kChecks = {
    Field{"CHECK", "/name"},
    Field{"HEALTH", "/health"},
    Field{"SINCE", "/health_age_ms", Kind::kAge, 1},
    Field{"HELD S", "/held_down_s", Kind::kCount, 4},
    Field{"BACKENDS", "/backends", Kind::kCount, 6},
    Field{"INTERVAL", "/interval_ms", Kind::kMilliseconds, 5},
    Field{"GOOD", "/results/good", Kind::kCount, 2},
    Field{"UNREACHABLE", "/results/unreachable", Kind::kCount, 3},
    Field{"FAILED", "/results/failed", Kind::kCount, 3},
    Field{"NONE", "/results/none", Kind::kCount, 7},
    Field{"P50 US", "/latency_us/p50", Kind::kCount, 4},
    Field{"P99 US", "/latency_us/p99", Kind::kCount, 4},
    Field{"LAST RESULT", "/last/result", Kind::kText, 3},
    Field{"WHY", "/last/reason", Kind::kSentence, 1},
};

constexpr std::array kPorts = {
    Field{"PORT", "/name"},
    Field{"DEVICE", "/device", Kind::kText, 5},
    Field{"DRIVER", "/driver", Kind::kText, 6},
    Field{"STATE", "/state"},
    Field{"MAC", "/mac", Kind::kText, 7},
    Field{"MTU", "/mtu", Kind::kNumber, 8},
    Field{"VLAN", "/vlan", Kind::kNumber, 9},
    Field{"OUTER VLAN", "/outer_vlan", Kind::kNumber, 10},
    Field{"KERNEL INTERFACE", "/kernel_interface", Kind::kText, 11},
};

constexpr std::array kWorkers = {
    Field{"WORKER", "/worker", Kind::kNumber},
    Field{"LCORE", "/lcore", Kind::kNumber, 5},
    Field{"ALIVE", "/alive"},
    Field{"HEARTBEAT", "/heartbeat_age_ms", Kind::kMilliseconds, 7},
    Field{"GENERATION", "/generation", Kind::kNumber, 8},
    Field{"BUSY", "/busy", Kind::kPercent},
    Field{"MEAN BUSY", "/busy_mean", Kind::kPercent, 6},
};

constexpr std::array kDrops = {
    Field{"REASON", "/reason"},
    Field{"PACKETS", "/packets", Kind::kCount},
    Field{"DESCRIPTION", "/description", Kind::kSentence},
};

constexpr std::array kEvents = {
    Field{"TIME", "/time_ms", Kind::kTime},
    Field{"OBJECT", "/object"},
    Field{"NAME", "/name"},
    Field{"CHANGE", "/change", Kind::kSentence},
    Field{"CAUSE", "/cause", Kind::kSentence},
};

// Of these, room is kept longest; then of the others, from the first on.
constexpr std::array kMainCounters = {"PACKETS",   "PACKETS IN", "DROPPED",   "PACKETS OUT",
                                      "FORWARDED", "MISSED",     "ERRORS IN", "ERRORS OUT"};
constexpr int kFirstRankOfOthers = 20;

int rank_of_counter(std::string_view heading, int place) {
    for (std::size_t i = 0; i < kMainCounters.size(); ++i) {
        if (heading == kMainCounters[i])
            return 1 + static_cast<int>(i);
    }
    return kFirstRankOfOthers + place;
}

// Appends a column for each counter that has a heading.
template <typename Counters, std::size_t N>
std::vector<Field> with_counters(std::span<const Field> fields,
                                 const std::array<abi::CounterText<Counters>, N>& counters) {
    std::vector<Field> all(fields.begin(), fields.end());
    for (const abi::CounterText<Counters>& row : counters) {
        if (*row.place.heading != '\0')
            all.push_back({row.place.heading, row.place.json,
                           row.unit == "bytes" ? Kind::kBytes : Kind::kCount,
                           rank_of_counter(row.place.heading, static_cast<int>(all.size()))});
    }
    return all;
}

std::string format_rows(const Json& rows, std::span<const Field> fields, const char* if_empty,
                        const Layout& layout) {
    return rows.empty() ? if_empty : rows_text(rows, fields, layout);
}

std::string format_services(const Json& rows, const Layout& layout) {
    std::vector<Field> fields(kServices.begin(), kServices.end());
    const auto has_policy = [](const Json& row) {
        return value_at(row, "/fails_open") == true ||
               (value_at(row, "/backends/standby").is_number_unsigned() &&
                value_at(row, "/backends/standby") != 0);
    };
    if (std::ranges::any_of(rows, has_policy))
        fields.insert(fields.end(), kPolicy.begin(), kPolicy.end());
    return format_rows(rows, with_counters(fields, abi::kTrafficCounters), "no services\n", layout);
}

std::string format_backends(const Json& rows, const Layout& layout) {
    std::vector<Field> fields(kBackends.begin(), kBackends.end());
    const auto is_in_tier = [](const Json& row) {
        const Json tier = value_at(row, "/tier");
        return tier.is_number_unsigned() && tier != 1;
    };
    if (std::ranges::any_of(rows, is_in_tier))
        fields.insert(fields.end(), kTier.begin(), kTier.end());
    const auto is_checked = [](const Json& row) {
        return row.is_object() && row.contains("health");
    };
    const auto is_drained = [](const Json& row) {
        return row.is_object() && row.contains("flows_left");
    };
    if (std::ranges::any_of(rows, is_drained))
        fields.push_back({"FLOWS LEFT", "/flows_left", Kind::kCount, 1});
    if (std::ranges::any_of(rows, is_checked))
        fields.insert(fields.end(), kHealth.begin(), kHealth.end());
    return format_rows(rows, with_counters(fields, abi::kTrafficCounters), "no backends\n", layout);
}

std::string lines_of(const Json& texts, std::string_view indent = "") {
    std::string text;
    for (const Json& line : texts)
        text += std::string(indent) + cell(line) + "\n";
    return text;
}

std::string format_config(const Json& result, std::string_view outcome) {
    const Json warnings = value_at(result, "/warnings");
    std::string text = lines_of(warnings);
    text += cell(value_at(result, "/path")) + ": " + std::string(outcome);
    if (!warnings.empty())
        text += ", with " + std::to_string(warnings.size()) +
                (warnings.size() == 1 ? " warning" : " warnings");
    return text + "\n";
}

std::string format_section(const Json& result, const char* path, std::string_view heading) {
    const Json lines = value_at(result, path);
    return lines.empty() ? "" : std::string(heading) + ":\n" + lines_of(lines, "  ");
}

std::string format_apply(const Json& result) {
    const bool applied = value_at(result, "/applied") == true;
    const Json changes = value_at(result, "/changes");
    std::string text = format_config(result, applied ? "applied" : "not applied, as asked for");
    text += changes.empty() ? "nothing of what is in force changes\n"
                            : format_section(result, "/changes", "changes");
    text += format_section(result, "/waiting", "waits for the dataplane's next start");
    text += format_section(result, "/losses",
                           applied ? "takes service or connections away"
                                   : "takes service or connections away, needs --force");
    return text;
}

std::string format_handover(const Json& result) {
    const Json owner = value_at(result, "/owner");
    return "group " + cell_at(result, "/group") +
           (result.contains("owner")
                ? ": handed over" + (owner.is_null() ? "" : " to " + cell(owner)) + "\n"
                : ": handing over\n");
}

std::string format_backend_change(const Json& result) {
    const auto done = [&](const Json& outcome) {
        return "done; " + cell_at(outcome, "/serving") + " of " + cell_at(outcome, "/backends") +
               " backends of pool " + cell_at(result, "/pool") + " get new connections";
    };
    std::string text = "backend " + cell_at(result, "/backend") + ": " + done(result) + "\n";
    for (const Json& peer : value_at(result, "/peers")) {
        const Json error = value_at(peer, "/error");
        text += "  at " + cell_at(peer, "/gateway") + ": " +
                (error.is_null() ? done(peer) : cell(error)) + "\n";
    }
    return text;
}

std::string format_group_change(const Json& result) {
    return "group " + cell(value_at(result, "/group")) + ": done\n";
}

}  // namespace

std::string format(protocol::Command command, const Json& result, const Layout& layout) {
    using protocol::Command;
    switch (command) {
        case Command::kShowStatus:
            return format_status(result, layout);
        case Command::kShowServices:
            return format_services(result, layout);
        case Command::kShowBackends:
            return format_backends(result, layout);
        case Command::kShowChecks:
            return format_rows(result, kChecks, "no health checks\n", layout);
        case Command::kShowPorts:
            return format_rows(result, with_counters(kPorts, abi::kPortCounters), "no ports\n",
                               layout);
        case Command::kShowWorkers:
            return format_rows(result, with_counters(kWorkers, abi::kWorkerCounters),
                               "no workers: no dataplane has started\n", layout);
        case Command::kShowGroups:
            return format_groups(result, layout);
        case Command::kShowDrops:
            return format_rows(result, kDrops, "no drops\n", layout);
        case Command::kShowEvents:
            return format_rows(result, kEvents, "no events\n", layout);
        case Command::kLookup:
            return format_lookup(result, layout);
        case Command::kConfigCheck:
            return format_config(result, "ok");
        case Command::kConfigApply:
            return format_apply(result);
        case Command::kGroupHandover:
            return format_handover(result);
        case Command::kGroupPriority:
        case Command::kGroupDisable:
        case Command::kGroupEnable:
            return format_group_change(result);
        case Command::kBackendDrain:
        case Command::kBackendMaint:
        case Command::kBackendReady:
        case Command::kBackendWeight:
            return format_backend_change(result);
    }
    return result.dump(2) + "\n";  // not reached: the switch is complete
}

}  // namespace vipfwd::cli
