// SPDX-License-Identifier: Apache-2.0
// What the workers forward by: a checked copy of one generation, and the region it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/abi/mapping.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/validate.h"
#include "dataplane/host/port_facts.h"
#include "dataplane/packet/account.h"
#include "dataplane/packet/forwarding_tables.h"

namespace vipfwd::path {

// About 8.9 MiB. Immutable once it is offered to workers.
struct Snapshot {
    std::shared_ptr<abi::RegionMapping> region;  // holds the rings, and takes the counters
    packet::Tables tables;
    bool whole = false;  // tables are of one generation that holds, and all of them derived

    std::uint64_t generation() const { return tables.generation.header.generation; }
    abi::WorkerStatus& status(std::uint32_t worker) const {
        return region->status_for_writing().workers[worker];
    }
    packet::RegionCounters counters(std::uint32_t worker) const;

    // On huge pages where the kernel has any: a process that dies gives its pages back before
    // control is told that it is dead, and so they are few.
    static void* operator new(std::size_t bytes);
    static void operator delete(void* place);
};

// Fills `to` with the generation that `active` names, once it holds; else says why it does not, and
// leaves `to` half-filled. What `to` has already, of a generation before, is checked again, but
// neither copied nor derived. An error means nothing if `active` has changed since: then control
// was writing.
Result<void> take_snapshot(const std::shared_ptr<abi::RegionMapping>& region,
                           abi::ActiveGeneration active, std::span<const host::PortFacts> ports,
                           abi::RingCheck& rings, Snapshot& to);

}  // namespace vipfwd::path
