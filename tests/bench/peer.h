// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "tests/bench/latencies.h"
#include "tests/bench/peer_traffic.h"

struct rte_mbuf;
struct rte_mempool;

namespace vipfwd::bench {

struct Trial {
    double rate_pps = 0;  // of frames; 0: as fast as the device accepts
    double duration_s = 0;
};

// Numbers of frames.
struct Outcome {
    std::uint64_t offered = 0;
    std::uint64_t sent = 0;      // accepted by the device
    std::uint64_t in_time = 0;   // received before the end of the trial
    std::uint64_t received = 0;  // in all
    std::uint64_t plain_offered = 0;
    std::uint64_t plain_received = 0;
    Latencies latencies;  // of plain packets, in TSC cycles
};

// Sends frames to a device, and measures what comes back. The last kStampBytes of a plain packet
// hold the time when it was sent.
class Peer {
  public:
    Peer(std::uint16_t device, rte_mempool* pool) : device_(device), pool_(pool) {}

    Outcome run(const Trial& trial, FrameSource& source);

  private:
    void receive(Outcome& outcome);
    void send(std::uint32_t count, FrameSource& source, Outcome& outcome);
    void drain(Outcome& outcome);

    std::uint16_t device_;
    rte_mempool* pool_;
    std::array<rte_mbuf*, 32> buffers_{};
};

}  // namespace vipfwd::bench
