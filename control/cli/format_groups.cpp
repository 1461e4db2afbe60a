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
    Field{"PORT", "/port", Kind::kText, 9},
    Field{"ID", "/id", Kind::kNumber, 8},
    Field{"STATE", "/state"},
    Field{"STATE AGE", "/state_age_ms", Kind::kAge, 2},
    Field{"CAUSE", "/cause", Kind::kText, 4},
    Field{"OWNER", "/owner"},
    Field{"PRIORITY", "/priority/effective", Kind::kNumber, 1},
    Field{"CONFIGURED", "/priority/configured", Kind::kNumber, 12},
    Field{"OVERRIDE", "/priority/chosen", Kind::kNumber, 5},
    Field{"VIPS", "/vips", Kind::kCount, 10},
    Field{"PEER", "/heard/source", Kind::kText, 3},
    Field{"PEER PRIORITY", "/heard/priority", Kind::kNumber, 13},
    Field{"PEER VIPS", "/heard/vips", Kind::kText, 7},
    Field{"HEARD AGO", "/heard/age_ms", Kind::kAge, 6},
    Field{"ADVERTS", "/adverts_received", Kind::kCount, 15},
    Field{"AUTH", "/authentication/mode", Kind::kText, 11},
    Field{"UNVERIFIED", "/authentication/unverified", Kind::kCount, 14},
};

constexpr std::array kTracks = {
    Field{"GROUP", "/group"},
    Field{"TRACK", "/of/track"},
    Field{"STATE", "/of/state"},
    Field{"WEIGHT", "/of/weight", Kind::kNumber},
    Field{"CONTRIBUTION", "/of/contribution", Kind::kNumber},
    Field{"FAILURE", "/of/failure", Kind::kSentence},
};

constexpr std::array kWarnings = {
    Field{"GROUP", "/group"},
    Field{"AGO", "/of/age_ms", Kind::kAge},
    Field{"TIMES", "/of/count", Kind::kCount},
    Field{"WARNING", "/of/text", Kind::kSentence},
};

constexpr std::array kHindrances = {
    Field{"GROUP", "/group"},
    Field{"INELIGIBLE BECAUSE", "/of", Kind::kSentence},
};

constexpr std::array kKernel = {
    Field{"GROUP", "/group"},
    Field{"VIPS IN THE KERNEL", "/of/present", Kind::kCount},
    Field{"REPAIRS", "/of/repairs", Kind::kCount},
    Field{"PROBLEM", "/of/problem", Kind::kSentence},
};

constexpr std::array kTransitions = {
    Field{"GROUP", "/group"},    Field{"AGO", "/of/age_ms", Kind::kAge},
    Field{"FROM", "/of/from"},   Field{"TO", "/of/to"},
    Field{"CAUSE", "/of/cause"},
};

constexpr std::array kDiscards = {
    Field{"GROUP", "/group"},
    Field{"DISCARD REASON", "/of/reason"},
    Field{"ADVERTS", "/of/adverts", Kind::kCount},
};

// One table of the elements of the lists at `path` in all groups; empty if there are none.
std::string section(const Json& groups, const char* path, std::span<const Field> fields,
                    const Layout& layout) {
    Json rows = Json::array();
    for (const Json& group : groups) {
        for (const Json& one : value_at(group, path))
            rows.push_back({{"group", value_at(group, "/name")}, {"of", one}});
    }
    return rows.empty() ? "" : "\n" + rows_text(rows, fields, layout);
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

std::string format_groups(const Json& answer, const Layout& layout) {
    Json groups = Json::array();
    for (const Json& group : answer) {
        if (group.is_object())
            groups.push_back(with_lists(group));
    }
    if (groups.empty())
        return "no groups\n";
    return rows_text(groups, kGroups, layout) + section(groups, "/warnings", kWarnings, layout) +
           section(groups, "/priority/hindrances", kHindrances, layout) +
           section(groups, "/priority/tracks", kTracks, layout) +
           section(groups, "/kernel_addresses", kKernel, layout) +
           section(groups, "/transitions", kTransitions, layout) +
           section(groups, "/discards", kDiscards, layout);
}

}  // namespace vipfwd::cli
