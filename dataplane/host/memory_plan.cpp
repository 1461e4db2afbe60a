// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/memory_plan.h"

#include <algorithm>
#include <bit>

namespace vipfwd::host {
namespace {

constexpr std::uint32_t kSmallestBufferBytes = kHeadroomBytes + 2048;
constexpr std::uint32_t kXdpHeadroomBytes = 256;  // of the kernel, in front of each frame
constexpr std::uint32_t kPacketHeaderBytes = 32;  // in front of each frame in an AF_PACKET ring
constexpr std::uint64_t kBufferOverheadBytes =
    256;  // rte_mbuf, object header of the pool, alignment
constexpr std::uint32_t kBuffersPerWorker =
    1024;  // current burst, and the pool's cache for the lcore
constexpr std::uint64_t kSlackBytes = 16 * kMiB;  // for EAL and the state of devices

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

std::uint32_t frame_bytes(std::uint32_t mtu) {
    constexpr std::uint32_t kFcsBytes = 4;
    return std::min(mtu, kLargestMtu) + kLongestLinkHeader + kFcsBytes;
}

// The maximum number of buffers in the rings of a queue pair.
std::uint32_t buffers_per_queue(abi::Driver driver) {
    switch (driver) {
        case abi::Driver::kAfXdp:
            return 4 * 2048;  // fill, receive, transmit and completion ring
        case abi::Driver::kPci:
        case abi::Driver::kMemif:
        case abi::Driver::kVdev:
            return 4 * 1024;
        case abi::Driver::kAfPacket:  // these drivers copy frames
        case abi::Driver::kPcap:
            return 512;
    }
    return 0;
}

std::uint32_t buffer_bytes(abi::Driver driver, std::uint32_t mtu) {
    switch (driver) {
        case abi::Driver::kAfXdp:
            return kHeadroomBytes + kXdpHeadroomBytes + frame_bytes(mtu);
        case abi::Driver::kAfPacket:
            return kHeadroomBytes + packet_slot_bytes(mtu) - kPacketHeaderBytes;
        default:
            return kHeadroomBytes + frame_bytes(mtu);
    }
}

}  // namespace

std::uint32_t packet_slot_bytes(std::uint32_t mtu) {
    return std::max(2048u, std::bit_ceil(frame_bytes(mtu) + kPacketHeaderBytes));
}

MemoryPlan plan_memory(const BootPlan& plan, std::span<const std::uint32_t> mtus,
                       const WorkerNeeds& needs) {
    MemoryPlan memory;
    memory.buffer_bytes = kSmallestBufferBytes;
    memory.buffers =
        (plan.worker_count() + 1) * kBuffersPerWorker + plan.worker_count() * needs.buffers;
    for (std::size_t i = 0; i < plan.ports.size(); ++i) {
        const PortPlan& port = plan.ports[i];
        memory.buffers += port.queues * buffers_per_queue(port.driver);
        if (kernel_path(port) == KernelPath::kTap)
            memory.buffers += plan.worker_count() * kTapBuffers;
        memory.buffer_bytes = std::max(memory.buffer_bytes, buffer_bytes(port.driver, mtus[i]));
    }
    memory.buffer_bytes = static_cast<std::uint32_t>(round_up(memory.buffer_bytes, 64));
    memory.flow_table_bytes = needs.flow_table_bytes;

    const std::uint64_t pool_bytes = memory.buffers * (memory.buffer_bytes + kBufferOverheadBytes) +
                                     std::bit_ceil(memory.buffers) * sizeof(void*);
    const std::uint64_t flow_bytes = plan.worker_count() * memory.flow_table_bytes;
    const bool on_hugepages = plan.memory == abi::Memory::kHugepages;
    memory.eal_bytes =
        round_up(pool_bytes + kSlackBytes + (on_hugepages ? flow_bytes : 0), kHugepageBytes);
    memory.outside_eal_bytes = on_hugepages ? 0 : flow_bytes;
    return memory;
}

}  // namespace vipfwd::host
