// SPDX-License-Identifier: Apache-2.0
// The first stage: from a device's queue to frames that the packet core understands.
#pragma once

#include <cstdint>

#include "dataplane/packet/packet.h"
#include "dataplane/path/wire.h"

namespace vipfwd::io {

struct ReceiveQueue {
    std::uint16_t device = 0;
    std::uint16_t queue = 0;
    std::uint8_t port = 0;
    bool is_capture = false;  // that is replayed, and has an end
};

struct Received {
    std::uint32_t packets = 0;
    std::uint64_t bytes = 0;
};

// Takes up to a burst of packets.
Received receive(const ReceiveQueue& queue, path::Buffers& buffers, packet::Burst& burst);

// Packets that a device could not deliver for want of a buffer: if they have become more, an empty
// burst is not the end of a capture.
std::uint64_t count_unbuffered(const ReceiveQueue& queue);

}  // namespace vipfwd::io
