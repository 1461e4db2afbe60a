// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/transmit.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace vipfwd::path {
namespace {

using packet::Action;
using packet::Frame;
using packet::Packet;

// How often a full queue is tried before the remaining packets are dropped.
constexpr int kAttempts = 16;

static_assert(packet::kBurstSize <= 32, "commit_to_mbufs() returns a bit for each packet");

// The indices of a whole burst.
constexpr auto kAllIndices = [] {
    std::array<std::uint8_t, packet::kBurstSize> indices{};
    std::iota(indices.begin(), indices.end(), std::uint8_t{0});
    return indices;
}();

// True if the packet leaves as one frame. The fragments of a split packet have been sent already.
bool leaves(const Packet& packet) {
    return packet.action == Action::kForward || packet.action == Action::kAnswer;
}

std::uint32_t port_of(const packet::Tables& tables, const Frame& frame, const Packet& packet) {
    return packet.action == Action::kForward ? tables.backends[packet.backend].port : frame.port();
}

bool is_forwarded(const Packet& packet) {
    return packet.action == Action::kForward;
}

// The port that forwards all packets, or kNone if there is no such port.
std::uint32_t common_port(const packet::Tables& tables, std::span<const Packet> packets) {
    if (packets.empty() || !std::all_of(packets.begin(), packets.end(), is_forwarded))
        return packet::kNone;
    const std::uint32_t port = tables.backends[packets.front().backend].port;
    const bool is_common = std::all_of(packets.begin(), packets.end(), [&](const Packet& packet) {
        return tables.backends[packet.backend].port == port;
    });
    return is_common ? port : packet::kNone;
}

}  // namespace

bool Transmitter::transmit_common(const packet::Tables& tables, Buffers& buffers,
                                  packet::Burst& burst, abi::WorkerCounters& counters) {
    const std::uint32_t port = common_port(tables, burst.all_packets());
    if (port == packet::kNone)
        return false;
    const std::span all = std::span(buffers).first(burst.count);
    const bool has_chains = wire_.commit_to_mbufs(all, burst.all_frames()) != 0;
    if (has_chains && !ports_[port].takes_chains)
        return false;
    send(port, all, std::span(kAllIndices).first(burst.count), burst, counters);
    return true;
}

void Transmitter::transmit(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst,
                           Range range, abi::WorkerCounters& counters) {
    sort_by_port(tables, buffers, burst, range);
    for (std::uint32_t port = 0; port < ports_.size(); ++port) {
        Outgoing& outgoing = outgoing_[port];
        if (outgoing.count == 0)
            continue;
        send(port, std::span(outgoing.buffers).first(outgoing.count),
             std::span(outgoing.indices).first(outgoing.count), burst, counters);
        outgoing.count = 0;
    }
    wire_.free(std::span(buffers).subspan(range.first, range.end - range.first));
}

std::uint32_t Transmitter::offer(std::uint32_t port, std::span<rte_mbuf*> buffers) {
    const std::uint16_t device = ports_[port].device;
    if (device == kNoDevice)
        return 0;
    std::uint32_t sent = 0;
    for (int attempt = 0; attempt < kAttempts && sent < buffers.size(); ++attempt)
        sent += wire_.send(device, queue_, buffers.subspan(sent));
    return sent;
}

// Moves the buffers of packets that leave from `buffers` to the queues in outgoing_.
void Transmitter::sort_by_port(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst,
                               Range range) {
    const std::uint32_t count = range.end - range.first;
    const std::uint32_t chains =
        wire_.commit_to_mbufs(std::span(buffers).subspan(range.first, count),
                              burst.all_frames().subspan(range.first, count));
    for (std::uint32_t i = range.first; i < range.end; ++i) {
        Packet& packet = burst.packets[i];
        if (!leaves(packet))
            continue;
        const std::uint32_t port = port_of(tables, burst.frames[i], packet);
        if ((chains >> (i - range.first) & 1) != 0 && !ports_[port].takes_chains) {
            packet.drop(abi::DropReason::kTooBig);
            continue;
        }
        Outgoing& outgoing = outgoing_[port];
        outgoing.buffers[outgoing.count] = std::exchange(buffers[i], nullptr);
        outgoing.indices[outgoing.count++] = static_cast<std::uint8_t>(i);
    }
}

// Sends or frees all `buffers`. `indices` are those of their packets in the burst.
void Transmitter::send(std::uint32_t port, std::span<rte_mbuf*> buffers,
                       std::span<const std::uint8_t> indices, packet::Burst& burst,
                       abi::WorkerCounters& counters) {
    const std::uint32_t sent = offer(port, buffers);
    std::uint64_t bytes = 0;
    for (const std::uint8_t index : indices.first(sent))
        bytes += burst.frames[index].length();
    counters.transmitted_packets.add(sent);
    counters.transmitted_bytes.add(bytes);
    if (sent == buffers.size())
        return;
    for (const std::uint8_t index : indices.subspan(sent))
        burst.packets[index].drop(refusal(port));
    wire_.free(buffers.subspan(sent));
}

}  // namespace vipfwd::path
