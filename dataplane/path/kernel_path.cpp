// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/kernel_path.h"

#include <utility>

#include "dataplane/packet/headers.h"

namespace vipfwd::path {

using host::KernelPath;
using packet::Frame;
using packet::Packet;

std::uint32_t share_of_limit(std::uint32_t limit_pps, std::uint32_t workers) {
    return limit_pps / workers + (limit_pps % workers != 0 ? 1 : 0);
}

namespace {

// The source can be forged, which gets a flood no further than to the second limit.
bool is_within_limit(const packet::Tables& tables, KernelPort& port, const Packet& packet,
                     std::uint64_t now_ms) {
    if (port.limit.take(now_ms))
        return true;
    return packet.kind == packet::Kind::kFlow && packet.protocol == packet::kIpProtocolTcp &&
           tables.index.find_vip(tables.generation, packet.source) != packet::kNone &&
           port.limit_from_vips.take(now_ms);
}

}  // namespace

KernelPaths::KernelPaths(Wire& wire, Transmitter& transmitter, std::vector<KernelPort> ports,
                         std::uint16_t queue)
    : wire_(wire), transmitter_(transmitter), ports_(std::move(ports)), queue_(queue) {
    for (std::size_t port = 0; port < ports_.size(); ++port) {
        if (ports_[port].path == KernelPath::kTap)
            taps_.push_back(static_cast<std::uint8_t>(port));
    }
}

void KernelPaths::to_kernel(const packet::Tables& tables, Packet& packet, const Frame& frame,
                            rte_mbuf*& buffer, std::uint64_t now_ms) {
    KernelPort& port = ports_[frame.port()];
    switch (port.path) {
        case KernelPath::kReceivesToo:
            return;
        case KernelPath::kNone:
            return packet.drop(abi::DropReason::kNoKernelPath);
        case KernelPath::kTap:
            if (!is_within_limit(tables, port, packet, now_ms) ||
                !write_to_tap(port, frame, buffer))
                packet.drop(abi::DropReason::kKernelPathFull);
            return;
    }
}

// A frame that is too long would make the tap's driver stop sending for good.
bool KernelPaths::write_to_tap(KernelPort& port, const Frame& frame, rte_mbuf*& buffer) {
    if (frame.length() > port.longest_frame ||
        wire_.send(port.device, queue_, std::span(&buffer, 1)) == 0)
        return false;
    buffer = nullptr;
    return true;
}

std::uint32_t KernelPaths::relay_from_kernel() {
    std::uint32_t frames = 0;
    for (const std::uint8_t port : taps_)
        frames += relay_from_tap(port);
    return frames;
}

void KernelPaths::add_queues_to(QueueWait& wait) const {
    for (const std::uint8_t port : taps_)
        wait.add(ports_[port].device, queue_, ports_[port].wakeup);
}

std::uint32_t KernelPaths::relay_from_tap(std::uint8_t port) {
    KernelPort& tap = ports_[port];
    const std::uint32_t received = wire_.receive(tap.device, queue_, buffers_);
    if (received == 0)
        return 0;
    std::uint32_t fitting = 0;
    for (rte_mbuf* buffer : std::span(buffers_).first(received)) {
        if (wire_.frame(buffer, port).length() <= tap.longest_frame)
            buffers_[fitting++] = buffer;
        else
            wire_.free(std::span(&buffer, 1));
    }
    const std::span all = std::span(buffers_).first(fitting);
    const std::uint32_t sent = transmitter_.offer(port, all);
    wire_.free(all.subspan(sent));
    tap.unsent->fetch_add(received - sent, std::memory_order_relaxed);
    return received;
}

}  // namespace vipfwd::path
