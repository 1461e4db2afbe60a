// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "control/cli/field.h"
#include "control/cli/format.h"
#include "control/cli/table.h"
#include "control/cli/units.h"

namespace vipfwd::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr std::array kVips = {
    Field{"VIP", "/address"},
    Field{"OWNED", "/owned"},
    Field{"GROUP", "/group"},
};

bool is_true(const Json& json, const char* path) {
    return value_at(json, path) == true;
}

// "up 3 min 5 s, since 14:02:11".
std::string uptime(const Json& json, const Layout& layout) {
    const Json uptime_s = value_at(json, "/uptime_s");
    std::string text = "up " + cell(uptime_s, Kind::kDuration);
    if (layout.now_s && uptime_s.is_number_unsigned())
        text += ", since " + time_ago(uptime_s.get<std::uint64_t>(), *layout.now_s);
    return text;
}

std::string dataplane_state(const Json& dataplane, const Layout& layout) {
    if (!is_true(dataplane, "/connected"))
        return "not connected; is vipfwd-dataplane running?";
    const std::string process =
        "pid " + cell_at(dataplane, "/pid") + ", " + uptime(dataplane, layout);
    if (!is_true(dataplane, "/ready"))
        return "starting, " + process;
    return "running, " + process + ", forwarding with generation " +
           cell_at(dataplane, "/acknowledged_generation");
}

// "generation 7 was in use 2.1 ms after the change that it serves".
std::string last_change(const Json& dataplane) {
    const Json acknowledged_us = value_at(dataplane, "/last_change/acknowledged_us");
    if (!acknowledged_us.is_number_unsigned())
        return "";
    return "generation " + cell_at(dataplane, "/last_change/generation") + " was in use " +
           fmt::format("{:.1f} ms", acknowledged_us.get<double>() / 1e3) +
           " after the change that it serves";
}

void add_dataplane(const Json& dataplane, const Layout& layout, Lines& lines) {
    lines.emplace_back("dataplane", dataplane_state(dataplane, layout));
    if (std::string text = last_change(dataplane); !text.empty())
        lines.emplace_back("", std::move(text));
    if (is_true(dataplane, "/publish_pending"))
        lines.emplace_back("", "a new generation waits until the dataplane can take it");
    if (is_true(dataplane, "/restart_needed"))
        lines.emplace_back("", "restart vipfwd-dataplane to apply changed ports or workers");
    if (value_at(dataplane, "/rejected").is_object()) {
        lines.emplace_back("", "the dataplane rejected generation " +
                                   cell_at(dataplane, "/rejected/generation") + ": " +
                                   cell_at(dataplane, "/rejected/reason"));
    }
}

std::string totals(const Json& status) {
    Table table({{"TOTAL"}, {"PACKETS", Align::kRight}, {"BYTES", Align::kRight}});
    const Json packets = value_at(status, "/totals");
    const Json bytes = value_at(status, "/bytes");
    for (const auto& [name, count] : packets.items()) {
        const auto of_bytes = bytes.find(name);
        table.add_row({mask_control(name == "to_kernel" ? "to kernel" : name),
                       cell(count, Kind::kCount),
                       of_bytes != bytes.end() ? cell(*of_bytes, Kind::kBytes) : ""});
    }
    return table.text();
}

}  // namespace

std::string format_status(const Json& status, const Layout& layout) {
    Lines lines = {{"status", cell_at(status, "/verdict")}};
    for (const Json& reason : value_at(status, "/reasons"))
        lines.emplace_back("", cell(reason));
    lines.insert(lines.end(), {
                                  {"gateway", cell_at(status, "/gateway")},
                                  {"control", "version " + cell_at(status, "/version") + ", " +
                                                  uptime(status, layout)},
                                  {"config", cell_at(status, "/config/path")},
                              });
    for (const Json& warning : value_at(status, "/config/warnings"))
        lines.emplace_back("", cell(warning));
    const Json waiting = value_at(status, "/config/waiting");
    if (!waiting.empty())
        lines.emplace_back("", "waits until vipfwd-dataplane is restarted:");
    for (const Json& line : waiting)
        lines.emplace_back("", "  " + cell(line));
    lines.emplace_back("region", cell_at(status, "/region/id"));
    lines.emplace_back("generation", cell_at(status, "/generation"));
    add_dataplane(value_at(status, "/dataplane"), layout, lines);

    const Json vips = value_at(status, "/vips");
    return labelled(lines, layout.width) + "\n" + totals(status) + "\n" +
           (vips.empty() ? "no VIPs\n" : rows_text(vips, kVips, layout));
}

}  // namespace vipfwd::cli
