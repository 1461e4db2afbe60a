// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/peer.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace vipfwd::bench {
namespace {

constexpr std::uint32_t kBurst = 32;
constexpr double kQuiet_s = 0.02;  // without a packet: then none is in flight any more
constexpr std::uint64_t kStampMask = (1ull << 8 * kStampBytes) - 1;

std::span<std::uint8_t> bytes_of(rte_mbuf* buffer) {
    return {rte_pktmbuf_mtod(buffer, std::uint8_t*), buffer->data_len};
}

std::uint8_t* stamp_of(std::span<std::uint8_t> frame) {
    return frame.last<kStampBytes>().data();
}

std::uint64_t ticks(double duration_s) {
    return static_cast<std::uint64_t>(duration_s * static_cast<double>(rte_get_tsc_hz()));
}

}  // namespace

Outcome Peer::run(const Trial& trial, FrameSource& source) {
    Outcome leftovers;
    drain(leftovers);
    Outcome outcome;
    const double packets_per_tick = trial.rate_pps / static_cast<double>(rte_get_tsc_hz());
    const std::uint64_t start = rte_rdtsc();
    const std::uint64_t length = ticks(trial.duration_s);
    for (std::uint64_t now = 0; now < length; now = rte_rdtsc() - start) {
        receive(outcome);
        std::uint64_t due = kBurst;
        if (trial.rate_pps > 0)
            due = static_cast<std::uint64_t>(static_cast<double>(now) * packets_per_tick) -
                  outcome.offered;
        if (due > 0)
            send(static_cast<std::uint32_t>(std::min<std::uint64_t>(due, kBurst)), source, outcome);
    }
    outcome.in_time = outcome.received;
    drain(outcome);
    return outcome;
}

void Peer::receive(Outcome& outcome) {
    const std::uint16_t count = rte_eth_rx_burst(device_, 0, buffers_.data(), kBurst);
    if (count == 0)
        return;
    const std::uint64_t now = rte_rdtsc();
    for (std::uint16_t i = 0; i < count; ++i) {
        const std::span<std::uint8_t> frame = bytes_of(buffers_[i]);
        if (!is_plain(frame))
            continue;
        std::uint64_t sent = 0;
        std::memcpy(&sent, stamp_of(frame), kStampBytes);
        outcome.latencies.add((now - sent) & kStampMask);
        ++outcome.plain_received;
    }
    rte_pktmbuf_free_bulk(buffers_.data(), count);
    outcome.received += count;
}

void Peer::send(std::uint32_t count, FrameSource& source, Outcome& outcome) {
    if (rte_pktmbuf_alloc_bulk(pool_, buffers_.data(), count) != 0)
        return;
    outcome.offered += count;
    const std::uint64_t now = rte_rdtsc();
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::span<const std::uint8_t> frame = source.next();
        rte_pktmbuf_append(buffers_[i], static_cast<std::uint16_t>(frame.size()));
        const std::span<std::uint8_t> sent = bytes_of(buffers_[i]);
        std::memcpy(sent.data(), frame.data(), frame.size());
        if (!is_plain(frame))
            continue;
        std::memcpy(stamp_of(sent), &now, kStampBytes);
        ++outcome.plain_offered;
    }
    const std::uint16_t sent =
        rte_eth_tx_burst(device_, 0, buffers_.data(), static_cast<std::uint16_t>(count));
    rte_pktmbuf_free_bulk(buffers_.data() + sent, count - sent);
    outcome.sent += sent;
}

void Peer::drain(Outcome& outcome) {
    const std::uint64_t quiet = ticks(kQuiet_s);
    std::uint64_t last = rte_rdtsc();
    while (rte_rdtsc() - last < quiet) {
        const std::uint64_t before = outcome.received;
        receive(outcome);
        if (outcome.received != before)
            last = rte_rdtsc();
    }
}

}  // namespace vipfwd::bench
