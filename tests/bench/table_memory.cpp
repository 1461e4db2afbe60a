// SPDX-License-Identifier: Apache-2.0
// Bytes, of what grows with flows, services and backends.
#include "dataplane/abi/region.h"
#include "dataplane/packet/flow_table.h"
#include "dataplane/packet/tables.h"
#include "tests/bench/table_cases.h"

namespace vipfwd::bench {
namespace {

constexpr std::uint64_t kMillionFlows = 1u << 20;

void tell(const std::string& name, std::uint64_t bytes) {
    Line("memory, " + name, "bytes").value(static_cast<double>(bytes)).print();
}

}  // namespace

void tell_memory() {
    const std::uint64_t flow_bytes =
        packet::FlowTable::bucket_count(kMillionFlows) * sizeof(packet::FlowBucket);
    tell("flow table for 2^20 flows", flow_bytes);
    tell("flow table a flow", flow_bytes / kMillionFlows);
    tell("a generation", sizeof(abi::Generation));
    tell("a ring", sizeof(abi::RingStore));
    tell("all ring stores", abi::kRingStores * sizeof(abi::RingStore));
    tell("counters of a worker",
         sizeof(abi::WorkerStatus) +
             (abi::kMaxServices + abi::kMaxBackends) * sizeof(abi::TrafficCounter));
    tell("the region", abi::kRegionBytes);
    tell("a copy of the tables in the dataplane", sizeof(packet::Tables));
    tell("a service", sizeof(abi::ServiceEntry));
    tell("a pool without its ring", sizeof(abi::PoolEntry));
    tell("a backend", sizeof(abi::BackendEntry));
}

}  // namespace vipfwd::bench
