// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/worker_needs.h"

#include <gtest/gtest.h>

#include "dataplane/abi/limits.h"

namespace vipfwd::path {
namespace {

host::WorkerNeeds needs(std::uint32_t workers, std::uint64_t flows) {
    host::BootPlan plan{.gateway = "gw1", .flows_per_worker = flows};
    plan.lcores.resize(workers);
    return worker_needs(plan);
}

TEST(WorkerNeeds, AWorkerCanHoldFragmentsAndSplitAPacket) {
    EXPECT_EQ(needs(1, 4096).buffers, 1024u + 2 * 128);
}

TEST(WorkerNeeds, SeveralWorkersCanHandFramesToEachOther) {
    EXPECT_EQ(needs(2, 4096).buffers, 1024u + 1024 + 2 * 128);
}

TEST(WorkerNeeds, AFlowTakesSixteenBytesInATableOfAPowerOfTwo) {
    EXPECT_EQ(needs(1, 1u << 20).flow_table_bytes, 16u << 20);
    EXPECT_EQ(needs(1, (1u << 20) + 8).flow_table_bytes, 32u << 20);
}

TEST(WorkerNeeds, TheLargestFlowTableDoesNotOverflow) {
    EXPECT_EQ(needs(1, abi::kMaxFlowsPerWorker).flow_table_bytes, 16ull * abi::kMaxFlowsPerWorker);
}

}  // namespace
}  // namespace vipfwd::path
