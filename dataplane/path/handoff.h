// SPDX-License-Identifier: Apache-2.0
// Frames from worker to worker: what must meet at one of them, wherever it came in.
#pragma once

#include <cstdint>

#include "dataplane/packet/packet.h"
#include "dataplane/path/wire.h"

namespace vipfwd::path {

inline constexpr std::uint32_t kHandoffSlots = 1024;  // that wait for one worker, at most

class Handoff {
  public:
    virtual ~Handoff() = default;

    // False if that worker does not keep up.
    virtual bool give(std::uint32_t worker, rte_mbuf* buffer, std::uint8_t port) = 0;
    // Takes up to a burst of what `worker` was given. For its own thread alone. Returns how many.
    virtual std::uint32_t take(std::uint32_t worker, Buffers& buffers, packet::Burst& burst) = 0;
};

}  // namespace vipfwd::path
