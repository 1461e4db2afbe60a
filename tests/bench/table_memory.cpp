// SPDX-License-Identifier: Apache-2.0
// Computes the memory that grows with flows, services and backends.
#include <initializer_list>

#include "dataplane/abi/region.h"
#include "dataplane/abi/table_list.h"
#include "dataplane/packet/flow_table.h"
#include "dataplane/packet/forwarding_tables.h"
#include "tests/bench/table_cases.h"
#include "tests/bench/table_sides.h"

namespace vipfwd::bench {
namespace {

constexpr std::uint64_t kMillionFlows = 1u << 20;
constexpr std::uint64_t kRingBytes = abi::kRingStoreSlots * sizeof(std::uint16_t);

void tell(const std::string& name, std::uint64_t bytes) {
    Line("memory, " + name, "bytes").value(static_cast<double>(bytes)).print();
}

// The memory of a generation in the region: one service, one pool and ten backends, except for one
// of these numbers.
void tell_curve(std::uint32_t abi::GenerationHeader::*number, const char* word,
                std::initializer_list<std::uint32_t> counts) {
    for (const std::uint32_t count : counts) {
        abi::GenerationHeader header{};
        header.port_count = header.vip_count = header.service_count = header.pool_count = 1;
        header.backend_count = kBackendsPerPool;
        header.*number = count;
        tell("tables in force, " + std::to_string(count) + " " + word + (count == 1 ? "" : "s"),
             abi::used_bytes(header) + header.pool_count * kRingBytes);
    }
}

}  // namespace

void tell_memory() {
    const std::uint64_t flow_bytes =
        packet::FlowTable::bucket_count(kMillionFlows) * sizeof(packet::FlowBucket);
    tell("flow table for 2^20 flows", flow_bytes);
    tell("flow table a flow", flow_bytes / kMillionFlows);
    tell("a generation", sizeof(abi::Generation));
    tell("a ring", kRingBytes);
    tell("all ring stores", sizeof(abi::ControlArea::rings));
    tell("counters of a worker",
         sizeof(abi::WorkerStatus) +
             (abi::kMaxServices + abi::kMaxBackends) * sizeof(abi::TrafficCounter));
    tell("the region", abi::kRegionBytes);
    tell("a copy of the tables in the dataplane", sizeof(packet::Tables));
    tell("a service", sizeof(abi::ServiceEntry));
    tell("a pool without its ring", sizeof(abi::PoolEntry));
    tell("a backend", sizeof(abi::BackendEntry));
    using Header = abi::GenerationHeader;
    tell_curve(&Header::service_count, "service", {1, 16, 256, abi::kMaxServices});
    tell_curve(&Header::pool_count, "pool", {1, 16, 256, abi::kMaxPools});
    tell_curve(&Header::backend_count, "backend", {1, 10, 1000, 10000, abi::kMaxBackends});
}

}  // namespace vipfwd::bench
