// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/handoff_rings.h"

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <string>

#include "dataplane/io/device_wire.h"

namespace vipfwd::io {

Result<std::unique_ptr<HandoffRings>> HandoffRings::create(
    std::uint32_t workers, std::span<const std::unique_ptr<host::KernelWait>> waits) {
    std::unique_ptr<HandoffRings> made(new HandoffRings);
    for (const auto& wait : waits)
        made->waits_.push_back(wait.get());
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
        const std::string name = "hand_over" + std::to_string(worker);
        rte_ring* ring = rte_ring_create(name.c_str(), path::kHandoffSlots, SOCKET_ID_ANY,
                                         RING_F_SC_DEQ | RING_F_EXACT_SZ);
        if (ring == nullptr)
            return Error{"no memory for the rings between workers"};
        made->rings_.push_back(ring);
    }
    return made;
}

HandoffRings::~HandoffRings() {
    for (rte_ring* ring : rings_)
        rte_ring_free(ring);
}

// Stores our port number in the mbuf's `port`, which had DPDK's port id.
bool HandoffRings::give(std::uint32_t worker, rte_mbuf* buffer, std::uint8_t port) {
    buffer->port = port;
    if (worker >= rings_.size() || rte_ring_enqueue(rings_[worker], buffer) != 0)
        return false;
    if (!waits_.empty())
        waits_[worker]->signal_if_waiting();
    return true;
}

std::uint32_t HandoffRings::take(std::uint32_t worker, path::Buffers& buffers,
                                 packet::Burst& burst) {
    burst.resumed = false;
    burst.count = rte_ring_dequeue_burst(rings_[worker], reinterpret_cast<void**>(buffers.data()),
                                         packet::kBurstSize, nullptr);
    for (std::uint32_t i = 0; i < burst.count; ++i)
        burst.frames[i] = frame_of(buffers[i], static_cast<std::uint8_t>(buffers[i]->port));
    return burst.count;
}

bool HandoffRings::has_frames(std::uint32_t worker) const {
    return rte_ring_empty(rings_[worker]) == 0;
}

}  // namespace vipfwd::io
