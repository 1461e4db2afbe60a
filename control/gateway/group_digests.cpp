// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/group_digests.h"

#include <utility>

namespace vipfwd::gateway {

std::optional<table::GroupDigest> GroupDigests::of(const config::Group& group,
                                                   const table::Publisher* publisher) {
    if (publisher == nullptr || publisher->generation() == 0)
        return std::nullopt;
    if (std::exchange(generation_, publisher->generation()) != publisher->generation())
        digests_.clear();
    const auto [digest, is_new] = digests_.try_emplace(group.name);
    if (is_new)
        digest->second = table::group_digest(publisher->in_force(), group.vips);
    return digest->second;
}

}  // namespace vipfwd::gateway
