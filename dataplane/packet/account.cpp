// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/account.h"

namespace vipfwd::packet {
namespace {

void count_traffic(abi::TrafficCounter& counter, const Packet& packet) {
    counter.packets.add(1);
    counter.bytes.add(packet.ip_length);
}

void count_forwarded(const Tables& tables, const Packet& packet, const WorkerView& counters) {
    count_traffic(counters.services[tables.generation.services[packet.service].counter], packet);
    count_traffic(counters.backends[tables.generation.backends[packet.backend].counter], packet);
}

}  // namespace

void account(const Tables& tables, std::span<const Packet> packets, const Events& events,
             const WorkerView& counters) {
    std::uint32_t forwarded = 0;
    std::uint64_t forwarded_bytes = 0;
    std::uint32_t to_kernel = 0;
    std::uint32_t answered = 0;
    std::uint32_t handed_out = 0;
    for (const Packet& packet : packets) {
        switch (packet.action) {
            case Action::kForward:
            case Action::kSplit:
                ++forwarded;
                forwarded_bytes += packet.ip_length;
                count_forwarded(tables, packet, counters);
                break;
            case Action::kToKernel:
                ++to_kernel;
                break;
            case Action::kAnswer:
                ++answered;
                break;
            case Action::kHandOver:
                ++handed_out;
                break;
            case Action::kHold:
                break;
            case Action::kUndecided:  // rewrite leaves none
            case Action::kDrop:
                counters.worker->dropped[static_cast<std::size_t>(packet.reason)].add(1);
                break;
        }
    }
    abi::WorkerCounters& worker = *counters.worker;
    worker.forwarded_packets.add(forwarded);
    worker.forwarded_bytes.add(forwarded_bytes);
    worker.to_kernel_packets.add(to_kernel);
    worker.answered_packets.add(answered);
    worker.flow_hits.add(events.hits);
    worker.flow_inserts.add(events.inserts);
    worker.flow_evictions.add(events.evictions);
    worker.flow_table_full.add(events.full);
    worker.flow_over_budget.add(events.over_budget);
    worker.flow_missed.add(events.missed);
    worker.handed_out.add(handed_out);
    worker.too_big_answers.add(events.too_big_answers);
    worker.icmp_small_mtu.add(events.small_mtu);
}

}  // namespace vipfwd::packet
