// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/transmit.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

#include <algorithm>

namespace vipfwd::io {
namespace {

using packet::Action;
using packet::Frame;
using packet::Packet;

// A full queue is tried again this often before packets are given up.
constexpr int kAttempts = 16;

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

// Makes the buffer what rewrite made of the frame: longer in front, perhaps shorter behind.
void follow(const Frame& frame, rte_mbuf* buffer) {
    const std::uint8_t* head = frame.bytes().data();
    const auto grown = rte_pktmbuf_mtod(buffer, const std::uint8_t*) - head;
    if (grown > 0)
        rte_pktmbuf_prepend(buffer, static_cast<std::uint16_t>(grown));
    if (buffer->pkt_len > frame.length())
        shorten(buffer, frame.length());
}

bool leaves(const Packet& packet) {
    return packet.action == Action::kForward || packet.action == Action::kAnswer;
}

std::uint32_t port_of(const packet::Tables& tables, const Frame& frame, const Packet& packet) {
    return packet.action == Action::kForward ? tables.generation.backends[packet.backend].port
                                             : frame.port();
}

}  // namespace

void Transmitter::transmit(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst,
                           abi::WorkerCounters& counters) {
    sort(tables, buffers, burst);
    for (std::uint32_t port = 0; port < ports_.size(); ++port) {
        if (outgoing_[port].count > 0)
            send(port, buffers, burst, counters);
    }
    rte_pktmbuf_free_bulk(buffers.data(), burst.count);  // skips what is null
}

void Transmitter::sort(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst) {
    for (std::uint32_t i = 0; i < burst.count; ++i) {
        Packet& packet = burst.packets[i];
        if (!leaves(packet))
            continue;
        follow(burst.frames[i], buffers[i]);
        const std::uint32_t port = port_of(tables, burst.frames[i], packet);
        if (buffers[i]->nb_segs > 1 && !ports_[port].takes_chains &&
            rte_pktmbuf_linearize(buffers[i]) != 0) {
            packet.drop(abi::DropReason::kTooBig);
            continue;
        }
        Outgoing& outgoing = outgoing_[port];
        outgoing.buffers[outgoing.count] = buffers[i];
        outgoing.places[outgoing.count++] = static_cast<std::uint8_t>(i);
    }
}

void Transmitter::send(std::uint32_t port, Buffers& buffers, packet::Burst& burst,
                       abi::WorkerCounters& counters) {
    Outgoing& outgoing = outgoing_[port];
    std::uint32_t sent = 0;
    for (int attempt = 0; attempt < kAttempts && sent < outgoing.count; ++attempt) {
        if (attempt > 0)
            rte_pause();
        sent += rte_eth_tx_burst(ports_[port].device, queue_, outgoing.buffers.data() + sent,
                                 static_cast<std::uint16_t>(outgoing.count - sent));
    }
    std::uint64_t bytes = 0;
    for (std::uint32_t i = 0; i < outgoing.count; ++i) {
        const std::uint8_t place = outgoing.places[i];
        if (i < sent) {
            buffers[place] = nullptr;
            bytes += burst.frames[place].length();
        } else {
            burst.packets[place].drop(abi::DropReason::kTransmitFull);
        }
    }
    counters.transmitted_packets.add(sent);
    counters.transmitted_bytes.add(bytes);
    outgoing.count = 0;
}

}  // namespace vipfwd::io
