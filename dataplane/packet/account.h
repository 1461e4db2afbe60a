// SPDX-License-Identifier: Apache-2.0
// The account stage, at the end of a burst: counts every packet once, by what became of it.
#pragma once

#include <span>

#include "dataplane/abi/counters.h"
#include "dataplane/packet/burst_counts.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

// Where one worker counts, in the region.
struct RegionCounters {
    abi::WorkerCounters* worker;
    abi::TrafficCounter* services;  // [kMaxServices]
    abi::TrafficCounter* backends;  // [kMaxBackends]
};

// Counts a burst after it was transmitted; a packet that no port accepted has become a drop by
// then. Services and backends count forwarded packets, whether they left whole or split. A held
// packet is not counted: it is counted when it is processed again.
void account(const Tables& tables, std::span<const Packet> packets, const BurstCounts& counts,
             const RegionCounters& counters);

}  // namespace vipfwd::packet
