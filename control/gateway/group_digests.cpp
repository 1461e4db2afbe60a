// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/group_digests.h"

#include <utility>

namespace vipfwd::gateway {

std::optional<GroupDigests::Compared> GroupDigests::of(const config::Group& group,
                                                       const table::Publisher* publisher) {
    if (publisher == nullptr || publisher->generation() == 0)
        return std::nullopt;
    if (std::exchange(generation_, publisher->generation()) != publisher->generation())
        groups_.clear();
    const auto [compared, is_new] = groups_.try_emplace(group.name);
    if (is_new) {
        const auto tables = publisher->shared_tables();
        compared->second = {
            .digest = table::group_digest(*tables, group.vips),
            .findings = std::make_shared<const group::OwnFindings>(group::OwnFindings{
                .tables = tables, .findings = table::backend_findings(*tables, group.vips)})};
    }
    return compared->second;
}

}  // namespace vipfwd::gateway
