// SPDX-License-Identifier: Apache-2.0
// Groups of one sync_set own their VIPs on one gateway: if one of them is ineligible, all are.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace vipfwd::group {

struct SyncSetMember {
    std::string group;
    std::string sync_set;        // empty: none
    bool is_ineligible = false;  // by itself, whatever the other groups of the set are
};

// For each member, the first ineligible other group of its set; empty: there is none.
std::vector<std::string> find_blockers(std::span<const SyncSetMember> members);

}  // namespace vipfwd::group
