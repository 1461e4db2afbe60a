// SPDX-License-Identifier: Apache-2.0
// Hand-off of frames between workers: all fragments of a datagram must reach one worker, whichever
// worker received them.
#pragma once

#include <cstdint>

#include "dataplane/packet/packet.h"
#include "dataplane/path/wire.h"

namespace vipfwd::path {

inline constexpr std::uint32_t kHandoffSlots = 1024;  // maximum frames in flight to one worker

class Handoff {
  public:
    virtual ~Handoff() = default;

    // Passes ownership of a buffer to `worker`. False if its queue is full: the caller keeps the
    // buffer. Any worker may call it.
    virtual bool give(std::uint32_t worker, rte_mbuf* buffer, std::uint8_t port) = 0;
    // Moves up to a burst of frames that `worker` was given into `burst`. Only that worker's thread
    // may call it. Returns the number of frames.
    virtual std::uint32_t take(std::uint32_t worker, Buffers& buffers, packet::Burst& burst) = 0;
    // Whether `worker` was given frames that it has not taken. For that worker.
    virtual bool has_frames(std::uint32_t worker) const = 0;
};

}  // namespace vipfwd::path
