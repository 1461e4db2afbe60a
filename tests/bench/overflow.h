// SPDX-License-Identifier: Apache-2.0
// Measures how many flows find their buckets full, in a table that is filled to a given load.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/flow_table.h"
#include "tests/bench/result_line.h"

namespace vipfwd::bench {

inline double overflow_percent(std::uint32_t load_percent, bool sequential) {
    constexpr std::uint64_t kTableFlows = 1 << 20;
    std::vector<packet::FlowBucket> buckets(packet::FlowTable::bucket_count(kTableFlows));
    packet::FlowTable table(buckets);
    const std::uint64_t flows = buckets.size() * std::size(buckets[0].entries) * load_percent / 100;
    const packet::FlowAge age(abi::kDefaultFlowTimeouts, 1000);
    const abi::HashKey key{{0x1111, 0x2222}};
    std::mt19937_64 random(1);
    std::uint64_t overflows = 0;
    for (std::uint64_t i = 0; i < flows; ++i) {
        const std::uint64_t number = sequential ? i : random();
        const abi::FlowKey flow{
            .source = IpAddress::from_v4(
                Be32::from_host(0x0b000000 + static_cast<std::uint32_t>(number >> 15))),
            .destination = IpAddress::from_v4(Be32::from_host(0x0a000064)),
            .source_port = Be16::from_host(static_cast<std::uint16_t>(1024 + (number & 0x7fff))),
            .destination_port = Be16::from_host(80),
            .protocol = 6};
        const auto outcome = table.insert(table.place(abi::flow_hash(flow, key), 1), 0,
                                          packet::FlowState::kEstablished, age);
        overflows += outcome == packet::InsertOutcome::kInserted ? 0 : 1;
    }
    return 100.0 * static_cast<double>(overflows) / static_cast<double>(flows);
}

inline void print_overflows() {
    for (const std::uint32_t load_percent : {25u, 50u}) {
        for (const bool sequential : {true, false}) {
            Line("flow table overflow, " + std::to_string(load_percent) + " % load, " +
                     (sequential ? "sequential" : "random") + " clients",
                 "%")
                .value(overflow_percent(load_percent, sequential))
                .print();
        }
    }
}

}  // namespace vipfwd::bench
