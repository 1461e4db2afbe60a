// SPDX-License-Identifier: Apache-2.0
#include "control/group/group_status.h"

namespace vipfwd::group {

std::optional<IpAddress> owner_of(const GroupStatus& status) {
    if (vrrp::owns(status.state))
        return status.source;
    const bool follows_peer = status.state == vrrp::State::kBackup && status.last_advert &&
                              status.last_advert->priority != 0;
    return follows_peer ? std::optional(status.last_advert->source) : std::nullopt;
}

}  // namespace vipfwd::group
