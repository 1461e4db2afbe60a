// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "control/cli/field.h"
#include "control/cli/format.h"
#include "control/cli/table.h"

namespace vipfwd::cli {
namespace {

std::string next_hop(const Json& hop) {
    const std::string state = cell_at(hop, "/state");
    if (!value_at(hop, "/mac").is_string())
        return "not resolved (" + state + ")";
    return cell_at(hop, "/mac") + " by port " + cell_at(hop, "/port") + " (" + state + ")";
}

}  // namespace

std::string format_lookup(const Json& found, const Layout& layout) {
    std::vector<std::pair<std::string, std::string>> lines;
    if (value_at(found, "/service").is_null()) {
        lines = {{"service", "none"}};
    } else {
        lines = {{"service", cell_at(found, "/service")},
                 {"pool", cell_at(found, "/pool")},
                 {"forward", cell_at(found, "/forward")},
                 {"affinity", cell_at(found, "/affinity")}};
        if (value_at(found, "/backend").is_null()) {
            lines.emplace_back("backend", "none");
        } else {
            lines.emplace_back("slot",
                               cell_at(found, "/slot") + " of " + cell_at(found, "/ring_slots"));
            lines.emplace_back("backend",
                               cell_at(found, "/backend") + " at " + cell_at(found, "/address"));
            lines.emplace_back("health", cell_at(found, "/health"));
            lines.emplace_back("next hop", next_hop(value_at(found, "/next_hop")));
        }
    }
    lines.emplace_back("why", cell_at(found, "/why"));
    return labelled(lines, layout.width);
}

}  // namespace vipfwd::cli
