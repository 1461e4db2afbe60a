// SPDX-License-Identifier: Apache-2.0
// What the views of many rows are made from, beside the loop: a part of the gateway at one moment.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/events/event_log.h"
#include "control/health/checks.h"
#include "control/net/network_view.h"
#include "control/table/draining_flows.h"
#include "control/table/publish.h"
#include "control/view/source.h"

namespace vipfwd::view {

// Any thread may use it, for as long as the gateway lives.
struct Snapshot {
    std::shared_ptr<const config::Config> config;  // in force
    std::shared_ptr<const table::Tables> tables;   // in force; empty tables if nothing is
    // For rings and counters, which are in the region; null while there is no region.
    const table::Publisher* publisher = nullptr;
    std::vector<std::string> ports = {};  // port_names()
    // The next hop towards a configured backend as the network says.
    std::function<net::Hop(const IpAddress&)> find_hop = {};
    // As of the last census. Null: not known.
    std::shared_ptr<const std::vector<table::DrainingFlows>> draining_flows = nullptr;
    // What the health checks have found out, as of the call. Empty: nothing is checked.
    std::function<health::CheckViews()> checks = {};
    // Those asked for, as of the call. Empty: there are none.
    std::function<std::vector<std::shared_ptr<const events::Event>>(const events::Query&)> events =
        {};
};

// `config` shares the configuration that `source` refers to.
Snapshot take_snapshot(const Source& source, std::shared_ptr<const config::Config> config,
                       std::function<net::Hop(const IpAddress&)> find_hop);

// False if rings of these tables, of a snapshot, may have been overwritten by now, because `now`
// has other tables in force, which do not use them. What was read of the rings meanwhile is void
// then.
bool has_all_rings(const table::Tables& tables, const Source& now);

}  // namespace vipfwd::view
