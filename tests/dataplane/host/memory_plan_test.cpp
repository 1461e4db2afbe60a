// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/memory_plan.h"

#include <gtest/gtest.h>

#include <numeric>

#include "dataplane/abi/limits.h"

namespace vipfwd::host {
namespace {

constexpr std::uint32_t kBuffersOfWorker = 1024 + 1024 + 256;

BootPlan plan(abi::Driver driver, std::uint32_t ports, std::uint32_t workers = 1) {
    BootPlan boot{.gateway = "gw1", .flows_per_worker = 1u << 20};
    boot.lcores.resize(workers);
    boot.ports.resize(ports, PortPlan{.name = "p", .driver = driver, .queues = workers});
    return boot;
}

MemoryPlan memory_of(const BootPlan& boot, std::uint32_t mtu = 1500) {
    const std::vector<std::uint32_t> mtus(boot.ports.size(), mtu);
    const WorkerNeeds needs{.buffers = kBuffersOfWorker,
                            .flow_table_bytes = 16 * boot.flows_per_worker};
    return plan_memory(boot, mtus, needs);
}

TEST(MemoryPlan, TwoGatewaysWithAMillionFlowsFitInHalfAGibibyte) {
    EXPECT_LT(2 * memory_of(plan(abi::Driver::kAfXdp, 2)).eal_bytes, 512 * kMiB);
}

TEST(MemoryPlan, AReplayNeedsLittle) {
    BootPlan boot = plan(abi::Driver::kPcap, 1);
    boot.memory = abi::Memory::kNormal;
    EXPECT_LT(memory_of(boot).eal_bytes, 64 * kMiB);
}

TEST(MemoryPlan, IsRequestedInWholeHugepages) {
    EXPECT_EQ(memory_of(plan(abi::Driver::kAfXdp, 1)).eal_bytes % kHugepageBytes, 0u);
}

TEST(MemoryPlan, EalHasFlowTablesOnlyOnHugepages) {
    BootPlan boot = plan(abi::Driver::kAfXdp, 1, 2);
    const MemoryPlan huge = memory_of(boot);
    boot.memory = abi::Memory::kNormal;
    const MemoryPlan normal = memory_of(boot);
    EXPECT_EQ(huge.flow_table_bytes, 16 * kMiB);
    EXPECT_EQ(huge.outside_eal_bytes, 0u);
    EXPECT_EQ(normal.outside_eal_bytes, 32 * kMiB);
    EXPECT_EQ(huge.eal_bytes, normal.eal_bytes + 32 * kMiB);
}

TEST(MemoryPlan, EveryRingOfEveryQueueCanBeFull) {
    const std::uint32_t one = memory_of(plan(abi::Driver::kAfXdp, 1, 1)).buffers;
    const std::uint32_t more = memory_of(plan(abi::Driver::kAfXdp, 2, 3)).buffers;
    EXPECT_GE(one, 4u * 2048);
    EXPECT_GE(more, 2u * 3 * 4 * 2048);
}

TEST(MemoryPlan, EveryWorkerHasTheBuffersThatItNeeds) {
    const std::uint32_t one = memory_of(plan(abi::Driver::kPcap, 0, 1)).buffers;
    const std::uint32_t two = memory_of(plan(abi::Driver::kPcap, 0, 2)).buffers;
    EXPECT_GE(one, kBuffersOfWorker);
    EXPECT_GE(two, 2 * kBuffersOfWorker);
}

TEST(MemoryPlan, ATapHasBuffersForEveryWorker) {
    BootPlan boot = plan(abi::Driver::kMemif, 1, 3);
    const std::uint32_t without = memory_of(boot).buffers;
    boot.ports[0].kernel_interface = "uplink-k";
    EXPECT_EQ(memory_of(boot).buffers, without + 3 * kTapBuffers);
}

TEST(MemoryPlan, ABufferHasRoomForAFrameAndTheDriversHeadroom) {
    EXPECT_EQ(memory_of(plan(abi::Driver::kPci, 1)).buffer_bytes, 128u + 2048);
    EXPECT_GE(memory_of(plan(abi::Driver::kPci, 1), 9000).buffer_bytes, 128u + 9000 + 26);
    EXPECT_GE(memory_of(plan(abi::Driver::kAfXdp, 1), 3000).buffer_bytes, 128u + 256 + 3000 + 26);
    // The driver copies whole slots.
    EXPECT_GE(memory_of(plan(abi::Driver::kAfPacket, 1), 9000).buffer_bytes,
              128u + packet_slot_bytes(9000) - 32);
}

TEST(MemoryPlan, TheLengthOfABufferFitsItsField) {
    for (const auto driver : {abi::Driver::kPcap, abi::Driver::kAfPacket, abi::Driver::kPci})
        EXPECT_LE(memory_of(plan(driver, 1), 65535).buffer_bytes, 65535u);
}

TEST(MemoryPlan, TheLargestFlowTableDoesNotOverflow) {
    BootPlan boot = plan(abi::Driver::kAfXdp, 16, abi::kMaxWorkers);
    boot.flows_per_worker = abi::kMaxFlowsPerWorker;
    EXPECT_GT(memory_of(boot).eal_bytes, 32ull * 4096 * kMiB);
}

TEST(MemoryPlan, APacketSlotIsAPowerOfTwo) {
    EXPECT_EQ(packet_slot_bytes(1500), 2048u);
    EXPECT_EQ(packet_slot_bytes(1990), 2048u);
    EXPECT_EQ(packet_slot_bytes(1991), 4096u);
    EXPECT_EQ(packet_slot_bytes(65535), 16384u);
}

}  // namespace
}  // namespace vipfwd::host
