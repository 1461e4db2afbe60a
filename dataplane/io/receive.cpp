// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/receive.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "dataplane/io/device_wire.h"

namespace vipfwd::io {

std::uint32_t receive(const ReceiveQueue& queue, Buffers& buffers, packet::Burst& burst) {
    burst.resumed = false;
    burst.count = rte_eth_rx_burst(queue.device, queue.queue, buffers.data(), packet::kBurstSize);
    for (std::uint32_t i = 0; i < burst.count; ++i)
        rte_prefetch0(rte_pktmbuf_mtod(buffers[i], void*));
    for (std::uint32_t i = 0; i < burst.count; ++i)
        burst.frames[i] = frame_of(buffers[i], queue.port);
    return burst.count;
}

std::uint64_t count_unbuffered(const ReceiveQueue& queue) {
    rte_eth_stats stats{};
    return rte_eth_stats_get(queue.device, &stats) == 0 ? stats.rx_nombuf : 0;
}

}  // namespace vipfwd::io
