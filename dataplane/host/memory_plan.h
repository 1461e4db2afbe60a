// SPDX-License-Identifier: Apache-2.0
// How much memory to start with: worked out from what is configured rather than by taking all there
// is, so that two gateways fit on one machine.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/host/boot_plan.h"

namespace vipfwd::host {

inline constexpr std::uint64_t kMiB = 1u << 20;
inline constexpr std::uint64_t kHugepageBytes = 2 * kMiB;

// Room in front of a frame, of which encapsulation takes 20 to 48 bytes (RTE_PKTMBUF_HEADROOM).
inline constexpr std::uint32_t kHeadroomBytes = 128;

// Ethernet with two VLAN tags.
inline constexpr std::uint32_t kLongestLinkHeader = 14 + 4 + 4;

// Buffers that a tap's queue keeps to receive into.
inline constexpr std::uint16_t kTapBuffers = 64;

// What a port can send at most, whatever its device could: a frame has to fit into a buffer.
// (Captures take frames in several.)
inline constexpr std::uint32_t kLargestMtu = 16'000;

// What the packet path keeps for one worker, beyond what queues hold (see path/worker_needs.h).
struct WorkerNeeds {
    std::uint32_t buffers = 0;
    std::uint64_t flow_table_bytes = 0;
};

struct MemoryPlan {
    std::uint32_t buffers = 0;            // of one pool, shared by all ports
    std::uint32_t buffer_bytes = 0;       // of one, headroom included
    std::uint64_t eal_bytes = 0;          // what EAL is asked for: whole hugepages
    std::uint64_t flow_table_bytes = 0;   // of one worker
    std::uint64_t outside_eal_bytes = 0;  // flow tables that are not on hugepages
};

// `mtus`: of each port, as configured or as the device has it.
MemoryPlan plan_memory(const BootPlan& plan, std::span<const std::uint32_t> mtus,
                       const WorkerNeeds& needs);

// The slot of an AF_PACKET ring that takes a frame of this MTU: a power of two.
std::uint32_t packet_slot_bytes(std::uint32_t mtu);

}  // namespace vipfwd::host
