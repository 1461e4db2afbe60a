// SPDX-License-Identifier: Apache-2.0
// The cases of core_bench.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataplane/packet/headers.h"
#include "tests/bench/core_world.h"
#include "tests/bench/traffic.h"

namespace vipfwd::bench {

struct Case {
    std::string name;
    WorldSpec world{};
    std::uint64_t flows = 1 << 16;
    Order order = Order::kUniform;
    Shape shape = Shape::kWhole;
    Shape mixed = Shape::kWhole;      // of the packets that are mixed in
    std::uint32_t mixed_percent = 0;  // of the frames; 0: none are mixed in
    std::uint8_t tcp_flags = packet::kTcpAck;
    std::uint32_t new_one_in = 0;  // one of this many packets begins a new flow; 0: none
};

std::vector<Case> core_cases();
Case usual_case();  // for measuring stages and workers

TrafficSpec traffic_of(const Case& one);

// The same flows in whole packets, which begin them.
TrafficSpec whole_traffic_of(const Case& one);

// Whether whole packets are all that the case measures.
inline bool is_whole(const Case& one) {
    return one.shape == Shape::kWhole && one.mixed_percent == 0;
}

}  // namespace vipfwd::bench
