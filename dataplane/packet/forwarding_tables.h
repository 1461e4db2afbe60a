// SPDX-License-Identifier: Apache-2.0
// The tables that a worker forwards by: the dataplane's own validated copy of a generation, and
// what is derived from it once so that the packet path reads fewer cache lines. About 8.9 MiB.
// Immutable while a worker uses them (path/exchange.h).
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

#include "dataplane/abi/changes.h"
#include "dataplane/abi/tables.h"
#include "dataplane/packet/forwarding_views.h"
#include "dataplane/packet/service_index.h"

namespace vipfwd::packet {

struct Tables {
    abi::Generation generation;
    std::array<PortView, abi::kMaxPorts> ports;
    // ControlArea::rings. Control can write to them, so each index is checked at use.
    const std::uint16_t* rings = nullptr;

    // Derived; arrays have the indices of the generation.
    ServiceIndex index;
    std::array<ServiceView, abi::kMaxServices + 1> services;  // the last one is for kNoService
    std::array<BackendView, abi::kMaxBackends> backends;
    std::bitset<abi::kMaxBackends> loses_flows;  // backends that keep no flows: retired or down
    bool any_loses_flows = false;                // any bit of `loses_flows`
};

// Derives everything. Requires a valid generation.
void derive(Tables& tables);
void derive_views(Tables& tables);  // only services and backends

// Derives again what depends on `changes`; everything was derived before these changes. After a
// change of a port, `changes` must name all backends.
void derive_changes(Tables& tables, const abi::Changes& changes);

}  // namespace vipfwd::packet
