// SPDX-License-Identifier: Apache-2.0
#include "control/cli/format.h"

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
    Field{"POOL", "/pool"},
    Field{"FORWARD", "/forward"},
    Field{"AFFINITY", "/affinity"},
    Field{"PIN FLOWS", "/pin_flows"},
    Field{"BACKENDS", "/backends/total", Kind::kCount},
    Field{"SERVING", "/backends/serving", Kind::kCount},
    Field{"DRAINING", "/backends/draining", Kind::kCount},
};

constexpr std::array kBackends = {
    Field{"POOL", "/pool"},
    Field{"BACKEND", "/name"},
    Field{"ADDRESS", "/address"},
    Field{"WEIGHT", "/weight", Kind::kNumber},
    Field{"STATE", "/state"},
    Field{"SLOTS", "/slots", Kind::kCount},
    Field{"SHARE", "/share", Kind::kPercent},
    Field{"NEXT HOP", "/next_hop/mac"},
    Field{"PORT", "/next_hop/port"},
    Field{"HOP STATE", "/next_hop/state"},
};

constexpr std::array kPorts = {
    Field{"PORT", "/name"},
    Field{"DEVICE", "/device"},
    Field{"DRIVER", "/driver"},
    Field{"STATE", "/state"},
    Field{"MAC", "/mac"},
    Field{"MTU", "/mtu", Kind::kNumber},
    Field{"VLAN", "/vlan", Kind::kNumber},
    Field{"OUTER VLAN", "/outer_vlan", Kind::kNumber},
    Field{"KERNEL INTERFACE", "/kernel_interface"},
};

constexpr std::array kWorkers = {
    Field{"WORKER", "/worker", Kind::kNumber},
    Field{"LCORE", "/lcore", Kind::kNumber},
    Field{"ALIVE", "/alive"},
    Field{"HEARTBEAT", "/heartbeat_age_ms", Kind::kMilliseconds},
    Field{"GENERATION", "/generation", Kind::kNumber},
    Field{"BUSY", "/busy", Kind::kPercent},
    Field{"MEAN BUSY", "/busy_mean", Kind::kPercent},
};

constexpr std::array kDrops = {
    Field{"REASON", "/reason"},
    Field{"PACKETS", "/packets", Kind::kCount},
    Field{"DESCRIPTION", "/description"},
};

// Appends a column for each counter that has a heading.
template <typename Counters, std::size_t N>
std::vector<Field> with_counters(std::span<const Field> fields,
                                 const std::array<abi::CounterText<Counters>, N>& counters) {
    std::vector<Field> all(fields.begin(), fields.end());
    for (const abi::CounterText<Counters>& row : counters) {
        if (*row.place.heading != '\0')
            all.push_back({row.place.heading, row.place.json,
                           row.unit == "bytes" ? Kind::kBytes : Kind::kCount});
    }
    return all;
}

std::string format_rows(const Json& rows, std::span<const Field> fields, const char* if_empty) {
    return rows.empty() ? if_empty : rows_text(rows, fields);
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
                           applied ? "takes service away" : "takes service away, needs --force");
    return text;
}

std::string format_handover(const Json& result) {
    const Json owner = value_at(result, "/owner");
    return "group " + cell_at(result, "/group") +
           (result.contains("owner")
                ? ": handed over" + (owner.is_null() ? "" : " to " + cell(owner)) + "\n"
                : ": handing over\n");
}

std::string format_group_change(const Json& result) {
    return "group " + cell(value_at(result, "/group")) + ": done\n";
}

}  // namespace

std::string format(protocol::Command command, const Json& result) {
    using protocol::Command;
    switch (command) {
        case Command::kShowStatus:
            return format_status(result);
        case Command::kShowServices:
            return format_rows(result, with_counters(kServices, abi::kTrafficCounters),
                               "no services\n");
        case Command::kShowBackends:
            return format_rows(result, with_counters(kBackends, abi::kTrafficCounters),
                               "no backends\n");
        case Command::kShowPorts:
            return format_rows(result, with_counters(kPorts, abi::kPortCounters), "no ports\n");
        case Command::kShowWorkers:
            return format_rows(result, with_counters(kWorkers, abi::kWorkerCounters),
                               "no workers: no dataplane has started\n");
        case Command::kShowGroups:
            return format_groups(result);
        case Command::kShowDrops:
            return format_rows(result, kDrops, "no drops\n");
        case Command::kLookup:
            return format_lookup(result);
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
    }
    return result.dump(2) + "\n";  // not reached: the switch is complete
}

}  // namespace vipfwd::cli
