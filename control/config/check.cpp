// SPDX-License-Identifier: Apache-2.0
#include "control/config/check.h"

namespace vipfwd::config {

void check(const Draft& draft, Report& report) {
    Names ports("port", report);
    Names pools("pool", report);
    check_limits(draft, report);
    check_dataplane(draft.dataplane, report);
    check_ports(draft, ports, report);
    check_neighbors(draft, ports, report);
    check_groups(draft, ports, report);
    check_pools(draft, pools, report);
    check_tracked_pools(draft, pools, report);
    check_services(draft, pools, report);
    check_addresses(draft, report);
}

}  // namespace vipfwd::config
