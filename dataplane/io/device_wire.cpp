// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/device_wire.h"

#include <rte_ethdev.h>
#include <rte_ip_frag.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_spinlock.h>

#include <array>
#include <cstring>

#include "dataplane/packet/headers.h"

namespace vipfwd::io {
namespace {

// By device: DPDK's drivers change masks and registers that all queues of a device share, but each
// worker arms its own queues.
std::array<rte_spinlock_t, RTE_MAX_ETHPORTS> interrupt_locks{};

class InterruptGuard {
  public:
    explicit InterruptGuard(std::uint16_t device) : lock_(interrupt_locks[device]) {
        rte_spinlock_lock(&lock_);
    }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
    ~InterruptGuard() { rte_spinlock_unlock(&lock_); }

  private:
    rte_spinlock_t& lock_;
};

// The longest headers: Ethernet with two tags, IPv6 with its extension headers, TCP.
constexpr std::uint32_t kHeaderBytes = 14 + 8 + 40 + 256 + 60;

// Shortens a packet in one or more mbufs to `length` bytes.
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

// The bytes of a received chain, whose length DPDK's pcap driver cuts to 16 bits. Corrects it, and
// makes the headers contiguous, as far as they fit into the first mbuf.
[[gnu::noinline]] std::uint32_t check_chain(rte_mbuf* buffer) {
    std::uint32_t length = 0;
    for (const rte_mbuf* part = buffer; part != nullptr; part = part->next)
        length += part->data_len;
    buffer->pkt_len = length;
    if (buffer->data_len < kHeaderBytes)
        rte_pktmbuf_linearize(buffer);  // best effort: a frame that does not fit stays a chain
    return length;
}

// For a frame in one mbuf.
void commit_single(const packet::Frame& frame, rte_mbuf* buffer) {
    const std::span bytes = frame.bytes();
    const auto* const start = static_cast<const std::uint8_t*>(buffer->buf_addr);
    buffer->data_off = static_cast<std::uint16_t>(bytes.data() - start);
    buffer->data_len = static_cast<std::uint16_t>(bytes.size());
    buffer->pkt_len = frame.length();
}

// For a frame in several mbufs: extends or shortens it at the front, and shortens it at the end.
// Then copies it into one mbuf if it fits; true if it does not.
bool commit_chain(const packet::Frame& frame, rte_mbuf* buffer) {
    const std::uint8_t* head = frame.bytes().data();
    const auto grown = rte_pktmbuf_mtod(buffer, const std::uint8_t*) - head;
    if (grown > 0)
        rte_pktmbuf_prepend(buffer, static_cast<std::uint16_t>(grown));
    else if (grown < 0)
        rte_pktmbuf_adj(buffer, static_cast<std::uint16_t>(-grown));
    if (buffer->pkt_len > frame.length())
        shorten(buffer, frame.length());
    return rte_pktmbuf_linearize(buffer) != 0;
}

bool add_ethernet(std::span<rte_mbuf*> fragments) {
    for (rte_mbuf* fragment : fragments) {
        if (rte_pktmbuf_prepend(fragment, sizeof(packet::EthernetHeader)) == nullptr)
            return false;
    }
    return true;
}

}  // namespace

packet::Frame frame_of(rte_mbuf* buffer, std::uint8_t port) {
    const std::uint32_t length = buffer->nb_segs > 1 ? check_chain(buffer) : buffer->data_len;
    return {rte_pktmbuf_mtod(buffer, std::uint8_t*), buffer->data_len, length,
            rte_pktmbuf_headroom(buffer), port};
}

packet::Frame DeviceWire::frame(rte_mbuf* buffer, std::uint8_t port) {
    return frame_of(buffer, port);
}

std::uint32_t DeviceWire::commit_to_mbufs(std::span<rte_mbuf* const> buffers,
                                          std::span<const packet::Frame> frames) {
    std::uint32_t chains = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        if (buffers[i] == nullptr)
            continue;
        if (buffers[i]->nb_segs == 1) [[likely]]
            commit_single(frames[i], buffers[i]);
        else
            chains |= commit_chain(frames[i], buffers[i]) ? 1u << i : 0;
    }
    return chains;
}

// DPDK's fragments share the packet's mbufs. Linearizing copies each fragment into an mbuf of its
// own, because ports rely on no two packets sharing one (RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE).
std::uint32_t DeviceWire::fragment(rte_mbuf* buffer, const path::Fragmentation& how,
                                   std::span<rte_mbuf*> fragments) {
    if (rte_pktmbuf_adj(buffer, static_cast<std::uint16_t>(how.l3_offset)) == nullptr)
        return 0;
    if (buffer->pkt_len > how.ip_length)
        shorten(buffer, how.ip_length);
    const std::int32_t count = rte_ipv4_fragment_packet(
        buffer, fragments.data(), static_cast<std::uint16_t>(fragments.size()),
        static_cast<std::uint16_t>(how.mtu), buffer->pool, buffer->pool);
    if (count <= 0)
        return 0;
    const std::span made = fragments.first(static_cast<std::size_t>(count));
    for (rte_mbuf* fragment : made)
        rte_pktmbuf_linearize(fragment);
    if (add_ethernet(made))
        return static_cast<std::uint32_t>(count);
    free(made);
    return 0;
}

rte_mbuf* DeviceWire::copy_to_buffer(std::span<const std::uint8_t> frame) {
    rte_mbuf* buffer = rte_pktmbuf_alloc(pool_);
    if (buffer == nullptr)
        return nullptr;
    char* const place = rte_pktmbuf_append(buffer, static_cast<std::uint16_t>(frame.size()));
    if (place == nullptr) {
        rte_pktmbuf_free(buffer);
        return nullptr;
    }
    std::memcpy(place, frame.data(), frame.size());
    return buffer;
}

std::uint32_t DeviceWire::receive(std::uint16_t device, std::uint16_t queue,
                                  std::span<rte_mbuf*> buffers) {
    return rte_eth_rx_burst(device, queue, buffers.data(),
                            static_cast<std::uint16_t>(buffers.size()));
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

bool DeviceWire::arm(std::uint16_t device, std::uint16_t queue) {
    const InterruptGuard guard(device);
    return rte_eth_dev_rx_intr_enable(device, queue) == 0;
}

void DeviceWire::disarm(std::uint16_t device, std::uint16_t queue) {
    const InterruptGuard guard(device);
    rte_eth_dev_rx_intr_disable(device, queue);
}

}  // namespace vipfwd::io
