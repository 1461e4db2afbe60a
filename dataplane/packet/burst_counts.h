// SPDX-License-Identifier: Apache-2.0
// What happened in one burst that no packet's action says.
#pragma once

#include <cstdint>

namespace vipfwd::packet {

struct BurstCounts {
    std::uint32_t hits = 0;  // of flows that were known
    std::uint32_t inserts = 0;
    std::uint32_t evictions = 0;    // an opening or closing flow made room
    std::uint32_t full = 0;         // no room: the ring alone decides
    std::uint32_t over_budget = 0;  // the same, because the service had its share
    std::uint32_t missed = 0;       // not a SYN, yet no flow known
    std::uint32_t too_big_answers = 0;
    std::uint32_t small_mtu = 0;  // ICMP errors about a path MTU that no link may have
};

}  // namespace vipfwd::packet
