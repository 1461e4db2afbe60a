// SPDX-License-Identifier: Apache-2.0
#include "control/group/sync_sets.h"

#include <map>

namespace vipfwd::group {

std::vector<std::string> find_blockers(std::span<const SyncSetMember> members) {
    std::map<std::string, const SyncSetMember*> first_ineligible;  // by set
    for (const SyncSetMember& member : members) {
        if (!member.sync_set.empty() && member.is_ineligible)
            first_ineligible.emplace(member.sync_set, &member);
    }
    std::vector<std::string> blockers(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto found = first_ineligible.find(members[i].sync_set);
        if (found != first_ineligible.end() && found->second != &members[i])
            blockers[i] = found->second->group;
    }
    return blockers;
}

}  // namespace vipfwd::group
