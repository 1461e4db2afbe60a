// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/latencies.h"

struct rte_mbuf;
struct rte_mempool;

namespace vipfwd::bench {

using Frames = std::vector<std::vector<std::uint8_t>>;

struct Trial {
    double rate_pps = 0;  // 0: as fast as the device accepts
    double duration_s = 0;
};

struct Outcome {
    std::uint64_t offered = 0;
    std::uint64_t sent = 0;      // accepted by the device
    std::uint64_t in_time = 0;   // received before the end of the trial
    std::uint64_t received = 0;  // in all
    Latencies latencies;         // in TSC cycles
};

// Sends frames to a device in an endless loop, and measures what comes back. The last six bytes of
// a frame hold the time when it was sent.
class Peer {
  public:
    Peer(std::uint16_t device, rte_mempool* pool, const Frames& frames)
        : device_(device), pool_(pool), frames_(frames) {}

    Outcome run(const Trial& trial);

  private:
    void receive(Outcome& outcome);
    void send(std::uint32_t count, Outcome& outcome);
    void drain(Outcome& outcome);

    std::uint16_t device_;
    rte_mempool* pool_;
    const Frames& frames_;
    std::size_t next_ = 0;
    std::array<rte_mbuf*, 32> buffers_{};
};

}  // namespace vipfwd::bench
