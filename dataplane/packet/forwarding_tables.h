// SPDX-License-Identifier: Apache-2.0
// What a worker forwards by: the dataplane's own checked copy of a generation, and what it derives
// from it. About 8.9 MiB; made by io, immutable while a worker uses it.
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
    // The region's rings. Control can write there, so what is read is checked where it is used.
    const abi::RingStore* rings = nullptr;

    // Derived, by the indices of the generation.
    ServiceIndex index;
    std::array<ServiceView, abi::kMaxServices + 1> services;  // the last one is kNoService
    std::array<BackendView, abi::kMaxBackends> backends;
    std::bitset<abi::kMaxBackends> retired;  // backends that keep no flows any more
    bool has_retired = false;                // any of them
};

// Makes what is derived. Requires a generation that validates.
void derive(Tables& tables);
void derive_views(Tables& tables);  // only services and backends

// The same where all was derived before `changes`. Of a port that changed, all backends have.
void derive_changes(Tables& tables, const abi::Changes& changes);

}  // namespace vipfwd::packet
