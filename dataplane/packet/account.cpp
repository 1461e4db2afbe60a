// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/account.h"

#include <algorithm>

namespace vipfwd::packet {
namespace {

void add(abi::TrafficCounter& counter, std::uint32_t packets, std::uint64_t bytes) {
    counter.packets.add(packets);
    counter.bytes.add(bytes);
}

struct Sum {
    std::uint32_t packets = 0;
    std::uint64_t bytes = 0;
};

bool is_forwarded(const Packet& packet) {
    return packet.action == Action::kForward || packet.action == Action::kSplit;
}

abi::TrafficCounter& backend_counter(const Tables& tables, const Packet& packet,
                                     const RegionCounters& counters) {
    return counters.backends[tables.backends[packet.backend].counter];
}

abi::TrafficCounter& service_counter(const Tables& tables, const Packet& packet,
                                     const RegionCounters& counters) {
    return counters.services[tables.services[packet.service].counter];
}

bool are_of_one_service(std::span<const Packet> packets) {
    return std::all_of(packets.begin(), packets.end(), [&](const Packet& packet) {
        return packet.service == packets.front().service;
    });
}

// Counts forwarded packets for their backends, and unless `one_service` also for their services.
// Returns the sum.
template <bool one_service>
Sum count_each(const Tables& tables, std::span<const Packet> packets,
               const RegionCounters& counters) {
    constexpr std::uint32_t kCachedBackends = 1024;  // their counters fit a cache near the core
    const bool are_cached = tables.generation.header.backend_count <= kCachedBackends;
    // Prefetch counters that many packets ahead, or not at all.
    const std::size_t ahead = are_cached ? packets.size() : 8;
    Sum sum;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (i + ahead < packets.size() && is_forwarded(packets[i + ahead]))
            __builtin_prefetch(&backend_counter(tables, packets[i + ahead], counters), 1);
        const Packet& packet = packets[i];
        if (!is_forwarded(packet))
            continue;
        ++sum.packets;
        sum.bytes += packet.ip_length;
        add(backend_counter(tables, packet, counters), 1, packet.ip_length);
        if constexpr (!one_service)
            add(service_counter(tables, packet, counters), 1, packet.ip_length);
    }
    return sum;
}

// Counts forwarded packets for their services and backends. Returns the sum.
Sum count_forwarded(const Tables& tables, std::span<const Packet> packets,
                    const RegionCounters& counters) {
    if (!are_of_one_service(packets))
        return count_each<false>(tables, packets, counters);
    const Sum sum = count_each<true>(tables, packets, counters);
    // One addition for all of them: adding to one memory location many times in a row is slow.
    if (sum.packets > 0)
        add(service_counter(tables, packets.front(), counters), sum.packets, sum.bytes);
    return sum;
}

// Packets that are neither forwarded nor dropped, by what became of them.
struct Others {
    std::uint32_t to_kernel = 0;
    std::uint32_t answered = 0;
    std::uint32_t handed_out = 0;
};

// Counts drops in the region, and returns the others.
Others count_others(std::span<const Packet> packets, const RegionCounters& counters) {
    Others others;
    for (const Packet& packet : packets) {
        switch (packet.action) {
            case Action::kForward:
            case Action::kSplit:
                break;
            case Action::kToKernel:
                ++others.to_kernel;
                break;
            case Action::kAnswer:
                ++others.answered;
                break;
            case Action::kHandOff:
                ++others.handed_out;
                break;
            case Action::kHold:
                break;
            case Action::kUndecided:  // does not occur: rewrite leaves no packet undecided
            case Action::kDrop:
                counters.worker->dropped[static_cast<std::size_t>(packet.reason)].add(1);
                break;
        }
    }
    return others;
}

}  // namespace

void account(const Tables& tables, std::span<const Packet> packets, const BurstCounts& counts,
             const RegionCounters& counters) {
    const Sum forwarded = count_forwarded(tables, packets, counters);
    const Others others =
        forwarded.packets == packets.size() ? Others() : count_others(packets, counters);
    abi::WorkerCounters& worker = *counters.worker;
    worker.forwarded_packets.add(forwarded.packets);
    worker.forwarded_bytes.add(forwarded.bytes);
    worker.to_kernel_packets.add(others.to_kernel);
    worker.answered_packets.add(others.answered);
    worker.flow_hits.add(counts.hits);
    worker.flow_inserts.add(counts.inserts);
    worker.flow_evictions.add(counts.evictions);
    worker.flow_table_full.add(counts.full);
    worker.flow_over_budget.add(counts.over_budget);
    worker.flow_missed.add(counts.missed);
    worker.handed_out.add(others.handed_out);
    worker.too_big_answers.add(counts.too_big_answers);
    worker.icmp_small_mtu.add(counts.small_mtu);
}

}  // namespace vipfwd::packet
