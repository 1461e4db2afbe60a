// SPDX-License-Identifier: Apache-2.0
// How much memory the dataplane needs, computed from its configuration. It does not simply take all
// of the machine's memory, so that two gateways fit on one machine.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/abi/forward_mode.h"
#include "dataplane/host/boot_plan.h"

namespace vipfwd::host {

inline constexpr std::uint64_t kMiB = 1u << 20;
inline constexpr std::uint64_t kHugepageBytes = 2 * kMiB;

// Headroom in front of a frame (RTE_PKTMBUF_HEADROOM), for outer headers and VLAN tags.
inline constexpr std::uint32_t kHeadroomBytes = 128;
static_assert(kHeadroomBytes >= abi::kMaxForwardOverhead + 2 * 4);

// Bytes of Ethernet with two VLAN tags.
inline constexpr std::uint32_t kLongestLinkHeader = 14 + 4 + 4;

// Receive buffers of each queue of a tap.
inline constexpr std::uint16_t kTapBuffers = 64;

// The largest MTU of a port, whatever its device can do: a frame must fit into one buffer.
// (Captures take frames in several buffers.)
inline constexpr std::uint32_t kLargestMtu = 16'000;

// What the packet path keeps for one worker besides the rings of queues (path/worker_needs.h).
struct WorkerNeeds {
    std::uint32_t buffers = 0;
    std::uint64_t flow_table_bytes = 0;
};

struct MemoryPlan {
    std::uint32_t buffers = 0;            // in one pool, shared by all ports
    std::uint32_t buffer_bytes = 0;       // of one buffer, with headroom
    std::uint64_t eal_bytes = 0;          // requested from EAL: whole hugepages
    std::uint64_t flow_table_bytes = 0;   // of one worker
    std::uint64_t outside_eal_bytes = 0;  // flow tables that are on normal pages
};

// `mtus` has the MTU of each port: as configured, else as the device has it.
MemoryPlan plan_memory(const BootPlan& plan, std::span<const std::uint32_t> mtus,
                       const WorkerNeeds& needs);

// The slot size of an AF_PACKET ring for frames of this MTU: a power of two.
std::uint32_t packet_slot_bytes(std::uint32_t mtu);

}  // namespace vipfwd::host
