// SPDX-License-Identifier: Apache-2.0
#include "control/view/warnings.h"

#include <algorithm>

namespace vipfwd::view {
namespace {

bool has_vip(const Source& source, const group::GroupStatus& group, const IpAddress& vip) {
    const auto configured =
        std::ranges::find(source.config.groups, group.name, &config::Group::name);
    return configured != source.config.groups.end() &&
           std::ranges::find(configured->vips, vip) != configured->vips.end();
}

}  // namespace

std::vector<group::Warning> warnings_of(const Source& source, const group::GroupStatus& group) {
    std::vector<group::Warning> all = group.warnings;
    for (const group::Warning& conflict : source.conflicts) {
        if (has_vip(source, group, conflict.vip))
            all.push_back(conflict);
    }
    return all;
}

std::vector<std::string> warnings(const Source& source) {
    std::vector<std::string> all;
    for (const group::GroupStatus& group : source.groups) {
        for (const group::Warning& warning : warnings_of(source, group))
            all.push_back("group '" + group.name + "': " + warning.text);
    }
    for (const group::Warning& conflict : source.conflicts) {
        if (std::ranges::none_of(source.groups, [&](const group::GroupStatus& group) {
                return has_vip(source, group, conflict.vip);
            }))
            all.push_back(conflict.text);
    }
    return all;
}

}  // namespace vipfwd::view
