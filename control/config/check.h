// SPDX-License-Identifier: Apache-2.0
// Checks a configuration as a whole: values that depend on each other. Reports everything that is
// wrong; changes nothing.
#pragma once

#include "control/config/draft.h"
#include "control/config/names.h"
#include "control/config/report.h"

namespace vipfwd::config {

void check(const Draft& draft, Report& report);

// The parts of check(), one file each. The part that checks things of one kind defines their names;
// later parts look references up in them.
void check_limits(const Draft& draft, Report& report);
void check_dataplane(const DataplaneDraft& dataplane, Report& report);
void check_ports(const Draft& draft, Names& ports, Report& report);
void check_neighbors(const Draft& draft, Names& ports, Report& report);
void check_tracks(const GroupDraft& group, Names& ports, Report& report);
void check_groups(const Draft& draft, Names& ports, Report& report);
void check_pools(const Draft& draft, Names& pools, Report& report);
void check_tracked_pools(const Draft& draft, Names& pools, Report& report);
void check_services(const Draft& draft, Names& pools, Report& report);
void check_addresses(const Draft& draft, Report& report);

}  // namespace vipfwd::config
