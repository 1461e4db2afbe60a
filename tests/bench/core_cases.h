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
    std::uint8_t tcp_flags = packet::kTcpAck;
    std::uint32_t new_one_in = 0;  // one of this many packets begins a new flow; 0: none
};

std::vector<Case> core_cases();
Case usual_case();  // for measuring stages and workers

// The traffic of the case's flows, in packets of that shape.
TrafficSpec traffic_of(const Case& one, Shape shape);

}  // namespace vipfwd::bench
