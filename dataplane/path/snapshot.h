// SPDX-License-Identifier: Apache-2.0
// What the workers forward by: a checked copy of one generation, what is derived from it, and the
// region that it came from.
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
    std::shared_ptr<abi::RegionMapping> region;  // has the rings and the counters
    packet::Tables tables;
    bool is_complete = false;  // `tables` are a valid generation, and everything is derived from it

    std::uint64_t generation() const { return tables.generation.header.generation; }
    abi::WorkerStatus& status(std::uint32_t worker) const {
        return region->status_for_writing().workers[worker];
    }
    packet::RegionCounters counters(std::uint32_t worker) const;

    // On huge pages where the kernel has any. The kernel frees the pages of a dead process before
    // it closes the socket that tells control of the death; few pages take less time.
    static void* operator new(std::size_t bytes);
    static void operator delete(void* place);
};

// Copies the generation that `active` names into `to`, validates the copy and derives what the
// packet path needs. On an error, `to` is incomplete and the error says what is invalid. If `to`
// holds an earlier generation, only the differences are copied and derived, but all is validated.
// An error is meaningless if `active` has changed since: control was writing then.
Result<void> take_snapshot(const std::shared_ptr<abi::RegionMapping>& region,
                           abi::ActiveGeneration active, std::span<const host::PortFacts> ports,
                           abi::RingCheck& rings, Snapshot& to);

}  // namespace vipfwd::path
