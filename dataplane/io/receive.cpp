// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/receive.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "dataplane/io/device_wire.h"

namespace vipfwd::io {

Received receive(const ReceiveQueue& queue, path::Buffers& buffers, packet::Burst& burst) {
    burst.resumed = false;
    burst.count = rte_eth_rx_burst(queue.device, queue.queue, buffers.data(), packet::kBurstSize);
    Received received{burst.count, 0};
    for (std::uint32_t i = 0; i < received.packets; ++i) {
        packet::Frame& frame = burst.frames[i];
        frame = frame_of(buffers[i], queue.port);
        rte_prefetch0(frame.bytes().data());
        received.bytes += frame.length();
    }
    return received;
}

std::uint64_t count_without_buffer(const ReceiveQueue& queue) {
    rte_eth_stats stats{};
    return rte_eth_stats_get(queue.device, &stats) == 0 ? stats.rx_nombuf : 0;
}

}  // namespace vipfwd::io
