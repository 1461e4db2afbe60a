// SPDX-License-Identifier: Apache-2.0
// What is in force, and the names of what the tables refer to by number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/view/source.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/counters.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::view {

// The tables in force; empty tables if nothing is.
const table::Tables& tables_in_force(const Source& source);

// The dataplane's part of the region; null while there is no region.
const abi::DataplaneStatus* dataplane_status(const Source& source);

// The parameters that the last dataplane was started with; nullopt if there was none.
std::optional<abi::BootParameters> booted(const Source& source);

// The names of the ports in the order of the tables: those of a running dataplane, else the
// configured ones.
std::vector<std::string> port_names(const Source& source);

// The increase of a counter since its present owner took it over.
table::CounterValue since(table::CounterValue value, std::uint64_t baseline_packets,
                          std::uint64_t baseline_bytes);

// The next hop of a backend.
struct NextHop {
    std::optional<MacAddress> mac = {};               // nullopt: not resolved
    std::optional<std::string> port = {};             // by its name
    net::HopState state = net::HopState::kUntracked;  // as the network says now

    friend bool operator==(const NextHop&, const NextHop&) = default;
};

// MAC address and port as in force if the backend is (`row` is not null), else as the network says:
// `now`, of a gateway with this configuration. `ports` are port_names().
NextHop next_hop(const net::Hop& now, const config::Config& config, const abi::BackendEntry* row,
                 const std::vector<std::string>& ports);

// The next hop towards an address as the network says now.
net::Hop hop_now(const Source& source, const IpAddress& address);

// Whether the network says that the address is one of this gateway.
bool is_own_address(const Source& source, const IpAddress& address);

}  // namespace vipfwd::view
