// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config/draft.h"

namespace vipfwd::config {

// Calls `see(address, where)` for each VIP of a group and of a service, as often as it is written.
template <typename See>
void for_each_vip(const Draft& draft, See see) {
    for (const GroupDraft& group : draft.groups) {
        for (std::size_t i = 0; i < group.group.vips.size(); ++i)
            see(group.group.vips[i], group.at.vips[i]);
    }
    for (const ServiceDraft& service : draft.services) {
        if (service.at.vip.somewhere())
            see(service.service.vip, service.at.vip);
    }
}

}  // namespace vipfwd::config
