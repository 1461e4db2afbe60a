// SPDX-License-Identifier: Apache-2.0
#include "control/view/losses.h"

#include <algorithm>

#include "control/view/worker_sums.h"

namespace vipfwd::view {
namespace {

using abi::DropReason;

constexpr std::uint64_t kFewestPackets = 100;
constexpr std::uint64_t kSmallestShare_percent = 1;

constexpr std::array kLosses{
    DropReason::kPoolEmpty,  DropReason::kNoNextHop,    DropReason::kNoTunnelSource,
    DropReason::kTooBig,     DropReason::kNoHeadroom,   DropReason::kNoBuffer,
    DropReason::kWorkerBusy, DropReason::kTransmitFull, DropReason::kPortClosed,
};

}  // namespace

LossCounts count_losses(const abi::DataplaneStatus& status) {
    LossCounts counts;
    counts.received = sum_workers(
        status, [](const abi::WorkerCounters& one) { return one.received_packets.read(); });
    for (const abi::PortStatus& port : status.ports)
        counts.missed += port.missed_packets.read();
    for (std::size_t i = 0; i < counts.dropped.size(); ++i)
        counts.dropped[i] = sum_workers(
            status, [i](const abi::WorkerCounters& one) { return one.dropped[i].read(); });
    return counts;
}

std::string describe_losses(const LossCounts& before, const LossCounts& now) {
    if (now.received < before.received || now.missed < before.missed)
        return "";  // of different regions
    const std::uint64_t missed = now.missed - before.missed;
    const std::uint64_t arrived = now.received - before.received + missed;
    std::uint64_t lost = missed;
    std::string parts = missed != 0 ? ", missed by ports " + std::to_string(missed) : "";
    for (const DropReason reason : kLosses) {
        const auto i = static_cast<std::size_t>(reason);
        const std::uint64_t dropped = now.dropped[i] - before.dropped[i];
        lost += dropped;
        if (dropped != 0)
            parts += ", " + std::string(name(reason)) + " " + std::to_string(dropped);
    }
    if (lost < kFewestPackets || lost * 100 < arrived * kSmallestShare_percent)
        return "";
    return std::to_string(lost) + " of " + std::to_string(arrived) +
           " packets of the last seconds were lost: " + parts.substr(2) + "; see show drops";
}

}  // namespace vipfwd::view
