// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/wire.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

namespace vipfwd::io {
namespace {

// Cuts a packet in one or more buffers after `length` bytes.
void shorten(rte_mbuf* buffer, std::uint32_t length) {
    buffer->pkt_len = length;
    rte_mbuf* last = buffer;
    while (last->data_len < length) {
        length -= last->data_len;
        last = last->next;
    }
    last->data_len = static_cast<std::uint16_t>(length);
    for (rte_mbuf* rest = last->next; rest != nullptr;) {
        rte_mbuf* next = rest->next;
        rte_pktmbuf_free_seg(rest);
        --buffer->nb_segs;
        rest = next;
    }
    last->next = nullptr;
}

// Longer in front, perhaps shorter behind.
void follow(const packet::Frame& frame, rte_mbuf* buffer) {
    const std::uint8_t* head = frame.bytes().data();
    const auto grown = rte_pktmbuf_mtod(buffer, const std::uint8_t*) - head;
    if (grown > 0)
        rte_pktmbuf_prepend(buffer, static_cast<std::uint16_t>(grown));
    if (buffer->pkt_len > frame.length())
        shorten(buffer, frame.length());
}

}  // namespace

std::uint32_t DeviceWire::shape(std::span<rte_mbuf* const> buffers,
                                std::span<const packet::Frame> frames) {
    std::uint32_t chains = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        follow(frames[i], buffers[i]);
        // One buffer is best, if it is large enough.
        if (buffers[i]->nb_segs > 1 && rte_pktmbuf_linearize(buffers[i]) != 0)
            chains |= 1u << i;
    }
    return chains;
}

std::uint32_t DeviceWire::send(std::uint16_t device, std::uint16_t queue,
                               std::span<rte_mbuf*> buffers) {
    const std::uint16_t sent =
        rte_eth_tx_burst(device, queue, buffers.data(), static_cast<std::uint16_t>(buffers.size()));
    if (sent < buffers.size())
        rte_pause();
    return sent;
}

void DeviceWire::free(std::span<rte_mbuf*> buffers) {
    rte_pktmbuf_free_bulk(buffers.data(), static_cast<unsigned>(buffers.size()));
}

}  // namespace vipfwd::io
