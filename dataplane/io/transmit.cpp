// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/transmit.h"

namespace vipfwd::io {
namespace {

using packet::Action;
using packet::Frame;
using packet::Packet;

// A full queue is tried again this often before packets are given up.
constexpr int kAttempts = 16;

static_assert(packet::kBurstSize <= 32, "a burst's packets are bits of a word");

// As one frame: what is split has left in several.
bool leaves(const Packet& packet) {
    return packet.action == Action::kForward || packet.action == Action::kAnswer;
}

std::uint32_t port_of(const packet::Tables& tables, const Frame& frame, const Packet& packet) {
    return packet.action == Action::kForward ? tables.backends[packet.backend].port : frame.port();
}

}  // namespace

void Transmitter::transmit(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst,
                           abi::WorkerCounters& counters) {
    sort(tables, buffers, burst);
    for (std::uint32_t port = 0; port < ports_.size(); ++port) {
        if (outgoing_[port].count > 0)
            send(port, buffers, burst, counters);
    }
    wire_.free(std::span(buffers).first(burst.count));
}

std::uint32_t Transmitter::offer(std::uint32_t port, std::span<rte_mbuf*> buffers) {
    std::uint32_t sent = 0;
    for (int attempt = 0; attempt < kAttempts && sent < buffers.size(); ++attempt)
        sent += wire_.send(ports_[port].device, queue_, buffers.subspan(sent));
    return sent;
}

void Transmitter::sort(const packet::Tables& tables, const Buffers& buffers, packet::Burst& burst) {
    const std::uint32_t chains =
        wire_.shape(std::span(buffers).first(burst.count), burst.all_frames());
    for (std::uint32_t i = 0; i < burst.count; ++i) {
        Packet& packet = burst.packets[i];
        if (!leaves(packet))
            continue;
        const std::uint32_t port = port_of(tables, burst.frames[i], packet);
        if ((chains >> i & 1) != 0 && !ports_[port].takes_chains) {
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
    const std::span all = std::span(outgoing.buffers).first(outgoing.count);
    const std::uint32_t sent = offer(port, all);
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
