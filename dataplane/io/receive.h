// SPDX-License-Identifier: Apache-2.0
// The receive stage: from a receive queue of a device to the frames of a burst.
#pragma once

#include <cstdint>

#include "dataplane/packet/packet.h"
#include "dataplane/path/wire.h"

namespace vipfwd::io {

struct ReceiveQueue {
    std::uint16_t device = 0;
    std::uint16_t queue = 0;
    std::uint8_t port = 0;
    bool is_capture = false;  // a replayed capture, which ends
};

struct Received {
    std::uint32_t packets = 0;
    std::uint64_t bytes = 0;
};

// Receives up to a burst of packets without waiting.
Received receive(const ReceiveQueue& queue, path::Buffers& buffers, packet::Burst& burst);

// Counts the packets that the device could not deliver because no buffer was free. If the count has
// risen, an empty burst does not mean the end of a capture.
std::uint64_t count_without_buffer(const ReceiveQueue& queue);

}  // namespace vipfwd::io
