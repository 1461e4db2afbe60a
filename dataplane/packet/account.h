// SPDX-License-Identifier: Apache-2.0
// The end of a burst: every packet counted once, by what became of it.
#pragma once

#include <span>

#include "dataplane/abi/counters.h"
#include "dataplane/packet/burst_counts.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

// The counters of one worker in the region.
struct RegionCounters {
    abi::WorkerCounters* worker;
    abi::TrafficCounter* services;  // [kMaxServices]
    abi::TrafficCounter* backends;  // [kMaxBackends]
};

// Counts a burst after it was transmitted (a packet that transmit could not place has become a
// drop). A service's and a backend's packets are those forwarded, in one piece or split. What is
// held is not counted: it comes back.
void account(const Tables& tables, std::span<const Packet> packets, const BurstCounts& counts,
             const RegionCounters& counters);

}  // namespace vipfwd::packet
