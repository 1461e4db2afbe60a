// SPDX-License-Identifier: Apache-2.0
// What happened in one burst that the actions of its packets do not tell.
#pragma once

#include <cstdint>

namespace vipfwd::packet {

struct BurstCounts {
    std::uint32_t hits = 0;  // packets whose flow was in the table
    std::uint32_t inserts = 0;
    std::uint32_t evictions = 0;    // inserts for which an unproven or closing flow was evicted
    std::uint32_t full = 0;         // flows not inserted, because their buckets are full
    std::uint32_t over_budget = 0;  // packets whose flow was not inserted: its service's limit
    std::uint32_t missed = 0;       // TCP packets, no initial SYNs, whose flow was not in the table
    std::uint32_t too_big_answers = 0;
    std::uint32_t small_mtu = 0;  // ICMP errors that report an MTU below the minimum of any link
};

}  // namespace vipfwd::packet
