// SPDX-License-Identifier: Apache-2.0
// What becomes of packets that are not the dataplane's business, by the port they came in at; and
// of those that the kernel sends by that port.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "dataplane/host/boot_plan.h"
#include "dataplane/packet/budget.h"
#include "dataplane/packet/packet.h"
#include "dataplane/path/transmit.h"
#include "dataplane/path/wire.h"

namespace vipfwd::path {

// A port's way to the kernel, as one worker goes it.
struct KernelPort {
    host::KernelPath path = host::KernelPath::kNone;
    // Of kTap:
    std::uint16_t device = 0;
    std::uint32_t longest_frame = 0;  // that tap and port take
    packet::RateLimit limit{0};
    std::atomic<std::uint64_t>* unsent = nullptr;  // what the kernel sent and the port did not
};

// A worker's share of what a port may give to the kernel.
std::uint32_t share_of_limit(std::uint32_t limit_pps, std::uint32_t workers);

class KernelPaths {
  public:
    // `ports` in order; `queue` of every tap is this worker's.
    KernelPaths(Wire& wire, Transmitter& transmitter, std::vector<KernelPort> ports,
                std::uint16_t queue);

    // A packet for the kernel, unchanged. What it cannot have becomes a drop.
    void give(packet::Packet& packet, const packet::Frame& frame, rte_mbuf*& buffer,
              std::uint64_t now_ms);

    // Sends what the kernel has, by its ports, unchanged. Returns how many frames there were.
    std::uint32_t relay();

  private:
    std::uint32_t relay(std::uint8_t port);
    bool write(KernelPort& port, const packet::Frame& frame, rte_mbuf*& buffer);

    Wire& wire_;
    Transmitter& transmitter_;
    std::vector<KernelPort> ports_;
    std::vector<std::uint8_t> taps_;  // the ports that have one
    std::uint16_t queue_;
    Buffers buffers_{};
};

}  // namespace vipfwd::path
