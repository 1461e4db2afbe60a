// SPDX-License-Identifier: Apache-2.0
// What is in force, and the names of what the tables know by number only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/api/state.h"
#include "control/protocol/json.h"
#include "control/table/build.h"
#include "dataplane/abi/counters.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::api {

// The tables in force; empty ones if there are none.
const table::Tables& tables_in_force(const State& state);

// The dataplane's side of the region; null while there is no region.
const abi::DataplaneStatus* dataplane_status(const State& state);

// What the dataplane was started with, also one that is gone by now; nothing if there was none.
std::optional<abi::BootParameters> booted(const State& state);

// The names of the ports in the order of the tables: a running dataplane's, else the configured
// ones.
std::vector<std::string> port_names(const State& state);

// A counter since it was given to its present owner.
table::CounterValue since(table::CounterValue value, std::uint64_t baseline_packets,
                          std::uint64_t baseline_bytes);

// {"resolved", "mac", "port", "state"}: as in force if the backend is (`row` is not null), else as
// the network says. "mac" and "port" are null while not resolved.
Json next_hop(const State& state, const IpAddress& address, const abi::BackendEntry* row,
              const std::vector<std::string>& ports);

}  // namespace vipfwd::api
