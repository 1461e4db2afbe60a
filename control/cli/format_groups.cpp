// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <span>
#include <string>

#include "control/cli/field.h"
#include "control/cli/format.h"

namespace vipfwd::cli {
namespace {

constexpr std::array kGroups = {
    Field{"GROUP", "/name"},
    Field{"PORT", "/port"},
    Field{"ID", "/id", Kind::kNumber},
    Field{"STATE", "/state"},
    Field{"STATE AGE", "/state_age_ms", Kind::kMilliseconds},
    Field{"CAUSE", "/cause"},
    Field{"OWNER", "/owner"},
    Field{"PRIORITY", "/priority/effective", Kind::kNumber},
    Field{"CONFIGURED", "/priority/configured", Kind::kNumber},
    Field{"OVERRIDE", "/priority/chosen", Kind::kNumber},
    Field{"VIPS", "/vips", Kind::kCount},
    Field{"PEER", "/heard/source"},
    Field{"PEER PRIORITY", "/heard/priority", Kind::kNumber},
    Field{"PEER VIPS", "/heard/vips"},
    Field{"HEARD AGO", "/heard/age_ms", Kind::kMilliseconds},
    Field{"ADVERTS", "/adverts_received", Kind::kCount},
    Field{"AUTH", "/authentication/mode"},
    Field{"UNVERIFIED", "/authentication/unverified", Kind::kCount},
};

constexpr std::array kTracks = {
    Field{"GROUP", "/group"},
    Field{"TRACK", "/of/track"},
    Field{"STATE", "/of/state"},
    Field{"WEIGHT", "/of/weight", Kind::kNumber},
    Field{"CONTRIBUTION", "/of/contribution", Kind::kNumber},
    Field{"FAILURE", "/of/failure"},
};

constexpr std::array kWarnings = {
    Field{"GROUP", "/group"},
    Field{"AGO", "/of/age_ms", Kind::kMilliseconds},
    Field{"TIMES", "/of/count", Kind::kCount},
    Field{"WARNING", "/of/text"},
};

constexpr std::array kHindrances = {
    Field{"GROUP", "/group"},
    Field{"INELIGIBLE BECAUSE", "/of"},
};

constexpr std::array kKernel = {
    Field{"GROUP", "/group"},
    Field{"VIPS IN THE KERNEL", "/of/present", Kind::kCount},
    Field{"REPAIRS", "/of/repairs", Kind::kCount},
    Field{"PROBLEM", "/of/problem"},
};

constexpr std::array kTransitions = {
    Field{"GROUP", "/group"},    Field{"AGO", "/of/age_ms", Kind::kMilliseconds},
    Field{"FROM", "/of/from"},   Field{"TO", "/of/to"},
    Field{"CAUSE", "/of/cause"},
};

constexpr std::array kDiscards = {
    Field{"GROUP", "/group"},
    Field{"DISCARD REASON", "/of/reason"},
    Field{"ADVERTS", "/of/adverts", Kind::kCount},
};

// One table of the elements of the lists at `path` in all groups; empty if there are none.
std::string section(const Json& groups, const char* path, std::span<const Field> fields) {
    Json rows = Json::array();
    for (const Json& group : groups) {
        for (const Json& one : value_at(group, path))
            rows.push_back({{"group", value_at(group, "/name")}, {"of", one}});
    }
    return rows.empty() ? "" : "\n" + rows_text(rows, fields);
}

// Turns what is shown as a table of its own into lists, for section(): the discards that occurred,
// and the kernel addresses if the group has any configured.
Json with_lists(Json group) {
    Json list = Json::array();
    const Json discards = value_at(group, "/discards");
    for (const auto& [reason, adverts] : discards.items()) {
        if (adverts != 0)
            list.push_back({{"reason", reason}, {"adverts", adverts}});
    }
    group["discards"] = std::move(list);
    if (const Json kernel = value_at(group, "/kernel_address"); kernel.is_object())
        group["kernel_addresses"] = Json::array({kernel});
    return group;
}

}  // namespace

std::string format_groups(const Json& answer) {
    Json groups = Json::array();
    for (const Json& group : answer) {
        if (group.is_object())
            groups.push_back(with_lists(group));
    }
    if (groups.empty())
        return "no groups\n";
    return rows_text(groups, kGroups) + section(groups, "/warnings", kWarnings) +
           section(groups, "/priority/hindrances", kHindrances) +
           section(groups, "/priority/tracks", kTracks) +
           section(groups, "/kernel_addresses", kKernel) +
           section(groups, "/transitions", kTransitions) + section(groups, "/discards", kDiscards);
}

}  // namespace vipfwd::cli
