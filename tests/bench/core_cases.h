// SPDX-License-Identifier: Apache-2.0
// What core_bench measures.
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
    std::uint32_t new_one_in = 0;  // so many packets is of a new flow; 0: none
};

std::vector<Case> core_cases();
Case usual_case();  // that stages and workers are measured with

// The case's flows, in packets of some shape.
TrafficSpec traffic_of(const Case& one, Shape shape);

}  // namespace vipfwd::bench
