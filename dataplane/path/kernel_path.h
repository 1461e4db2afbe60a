// SPDX-License-Identifier: Apache-2.0
// Packets between a port and the kernel: those received that belong to no service, and those that
// the kernel sends by a port that DPDK has taken from it.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "dataplane/host/boot_plan.h"
#include "dataplane/packet/budget.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/path/queue_wait.h"
#include "dataplane/path/transmit.h"
#include "dataplane/path/wire.h"

namespace vipfwd::path {

// The path between one port and the kernel, as one worker uses it.
struct KernelPort {
    host::KernelPath path = host::KernelPath::kNone;
    // Of kTap only:
    std::uint16_t device = 0;
    std::uint32_t longest_frame = 0;  // bytes that both tap and port can take
    packet::RateLimit limit{0};
    // Beyond `limit`, for what comes from VIPs: backends answer health checks from there.
    packet::RateLimit limit_from_vips{0};
    std::atomic<std::uint64_t>* unsent = nullptr;  // frames from the kernel that the port refused
    QueueWakeup wakeup{};                          // of the worker's receive queue
};

// One worker's share of the packets per second that a port may pass to the kernel, rounded up.
std::uint32_t share_of_limit(std::uint32_t limit_pps, std::uint32_t workers);

class KernelPaths {
  public:
    // `ports` by port number; `queue` of every tap belongs to this worker.
    KernelPaths(Wire& wire, Transmitter& transmitter, std::vector<KernelPort> ports,
                std::uint16_t queue);

    // Passes a packet to the kernel, unchanged. Drops the packet if its port has no path, the rate
    // limit is reached or the tap is full.
    void to_kernel(const packet::Tables& tables, packet::Packet& packet, const packet::Frame& frame,
                   rte_mbuf*& buffer, std::uint64_t now_ms);

    // Sends frames from the taps by their ports, unchanged. Returns the number of frames.
    std::uint32_t relay_from_kernel();
    void add_queues_to(QueueWait& wait) const;

  private:
    std::uint32_t relay_from_tap(std::uint8_t port);
    bool write_to_tap(KernelPort& port, const packet::Frame& frame, rte_mbuf*& buffer);

    Wire& wire_;
    Transmitter& transmitter_;
    std::vector<KernelPort> ports_;
    std::vector<std::uint8_t> taps_;  // numbers of the ports that have one
    std::uint16_t queue_;
    Buffers buffers_{};
};

}  // namespace vipfwd::path
