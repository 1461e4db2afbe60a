// SPDX-License-Identifier: Apache-2.0
// The gateway as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/view/source.h"
#include "control/view/worker_sums.h"

namespace vipfwd::view {

struct VipStatus {
    IpAddress address;
    bool owned = false;                // by this gateway, whose dataplane answers for it
    std::optional<std::string> group;  // nullopt: of no group, always owned
};

struct Status {
    std::uint64_t generation = 0;            // in force; 0: none
    std::optional<std::uint64_t> region_id;  // nullopt: there is no region
    // nullopt: no dataplane is connected, or it has not said when it started.
    std::optional<std::uint64_t> dataplane_uptime_s;
    // The connected dataplane was started with parameters that are not configured any more.
    bool dataplane_restart_needed = false;
    WorkerSums totals{};          // for as long as the region exists; zeros if there is none
    std::vector<VipStatus> vips;  // of the tables in force, by address
};

Status status(const Source& source);

}  // namespace vipfwd::view
