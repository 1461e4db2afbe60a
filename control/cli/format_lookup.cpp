// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "control/cli/field.h"
#include "control/cli/format.h"
#include "control/cli/table.h"

namespace vipfwd::cli {
namespace {

std::string text_at(const Json& json, const char* path) {
    return cell(value_at(json, path));
}

std::string next_hop(const Json& hop) {
    const std::string state = text_at(hop, "/state");
    if (!value_at(hop, "/mac").is_string())
        return "not resolved (" + state + ")";
    return text_at(hop, "/mac") + " by port " + text_at(hop, "/port") + " (" + state + ")";
}

}  // namespace

std::string format_lookup(const Json& found) {
    std::vector<std::pair<std::string, std::string>> lines;
    if (value_at(found, "/service").is_null()) {
        lines = {{"service", "none"}};
    } else {
        lines = {{"service", text_at(found, "/service")},
                 {"pool", text_at(found, "/pool")},
                 {"forward", text_at(found, "/forward")},
                 {"affinity", text_at(found, "/affinity")}};
        if (value_at(found, "/backend").is_null()) {
            lines.emplace_back("backend", "none");
        } else {
            lines.emplace_back("slot",
                               text_at(found, "/slot") + " of " + text_at(found, "/ring_slots"));
            lines.emplace_back("backend",
                               text_at(found, "/backend") + " at " + text_at(found, "/address"));
            lines.emplace_back("next hop", next_hop(value_at(found, "/next_hop")));
        }
    }
    lines.emplace_back("why", text_at(found, "/why"));
    return labelled(lines);
}

}  // namespace vipfwd::cli
