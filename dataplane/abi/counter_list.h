// SPDX-License-Identifier: Apache-2.0
// What the counters of counters.h are called and mean, one row each. The JSON of control's socket,
// vipctl's tables and metrics are made of these rows. Drop reasons have theirs in drop_reason.h.
//
// To add a counter: take its field from the `reserved` ones of its struct (counters.h), write its
// row here, and count. Without the row it does not compile.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/counters.h"

namespace vipfwd::abi {

// Where the CLI and its JSON show a counter. Empty: not there.
struct CounterPlace {
    const char* json = "";     // of `vipctl -j show workers|ports|services|backends`, RFC 6901
    const char* heading = "";  // of its column in the table
    const char* total = "";    // of `vipctl -j show status`, summed over the workers
};

template <typename Counters>
struct CounterText {
    SharedCounter Counters::*counter;  // null: a sum, see `sum`
    std::string_view name;             // in metrics
    std::string_view unit;             // "packets", "bytes", "flows" or "polls"
    std::string_view help;
    CounterPlace place;
    std::uint64_t (*sum)(const Counters&) = nullptr;
    bool is_gauge = false;  // goes down, too

    std::uint64_t read(const Counters& counters) const {
        return counter != nullptr ? (counters.*counter).read() : sum(counters);
    }
};

// Over all reasons.
inline std::uint64_t sum_dropped(const WorkerCounters& counters) {
    std::uint64_t sum = 0;
    for (const SharedCounter& reason : counters.dropped)
        sum += reason.read();
    return sum;
}

// How many counters the rows name; 0 if two rows name the same one.
template <typename Counters, std::size_t N>
constexpr std::size_t count_counters(const std::array<CounterText<Counters>, N>& rows) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < N; ++i) {
        if (rows[i].counter == nullptr)
            continue;
        ++count;
        for (std::size_t k = 0; k < i; ++k) {
            if (rows[k].counter == rows[i].counter)
                return 0;
        }
    }
    return count;
}

using WorkerCounterText = CounterText<WorkerCounters>;

inline constexpr std::array kWorkerCounters = {
    WorkerCounterText{&WorkerCounters::received_packets,
                      "received_packets",
                      "packets",
                      "frames received from ports",
                      {"/received", "PACKETS IN", "/totals/received"}},
    WorkerCounterText{&WorkerCounters::forwarded_packets,
                      "forwarded_packets",
                      "packets",
                      "packets forwarded to backends",
                      {"/forwarded", "FORWARDED", "/totals/forwarded"}},
    WorkerCounterText{&WorkerCounters::to_kernel_packets,
                      "to_kernel_packets",
                      "packets",
                      "packets handed to the kernel",
                      {"/to_kernel", "TO KERNEL", "/totals/to_kernel"}},
    WorkerCounterText{&WorkerCounters::answered_packets,
                      "answered_packets",
                      "packets",
                      "packets that the gateway answered itself: ARP, neighbor discovery, ICMP",
                      {"/answered", "ANSWERED", "/totals/answered"}},
    WorkerCounterText{nullptr,
                      "dropped_packets",
                      "packets",
                      "packets dropped, for any reason",
                      {"/dropped", "DROPPED", "/totals/dropped"},
                      sum_dropped},
    WorkerCounterText{&WorkerCounters::handed_in,
                      "handed_in_packets",
                      "packets",
                      "fragments that another worker handed to this one",
                      {"/handed_in", "HANDED IN"}},
    WorkerCounterText{&WorkerCounters::handed_out,
                      "handed_out_packets",
                      "packets",
                      "fragments handed to the worker that gathers their datagram",
                      {"/handed_out", "HANDED OUT"}},
    WorkerCounterText{&WorkerCounters::held,
                      "held_packets",
                      "packets",
                      "fragments that wait for the first fragment of their datagram",
                      {"/held", "HELD", "/totals/held"},
                      nullptr,
                      true},
    WorkerCounterText{&WorkerCounters::split_frames,
                      "split_frames",
                      "packets",
                      "frames added by fragmenting forwarded packets",
                      {"/split_frames", "SPLIT", "/totals/split"}},
    WorkerCounterText{&WorkerCounters::own_frames,
                      "own_frames",
                      "packets",
                      "adverts and announcements of VIPs sent",
                      {"/own_frames", "OWN", "/totals/own"}},
    WorkerCounterText{&WorkerCounters::transmitted_packets,
                      "transmitted_packets",
                      "packets",
                      "frames sent",
                      {"/transmitted", "", "/totals/transmitted"}},
    WorkerCounterText{&WorkerCounters::too_big_answers,
                      "too_big_answers",
                      "packets",
                      "of the answers, those of \"fragmentation needed\" or \"packet too big\"",
                      {"/too_big_answers", "TOO BIG"}},
    WorkerCounterText{
        &WorkerCounters::icmp_small_mtu,
        "icmp_small_mtu_packets",
        "packets",
        "of the forwarded packets, ICMP errors that report an MTU below 576 (IPv4) or 1280 (IPv6)",
        {"/icmp_small_mtu", "SMALL MTU"}},
    WorkerCounterText{&WorkerCounters::address_conflicts,
                      "address_conflicts",
                      "packets",
                      "frames whose sender uses a VIP that this gateway owns",
                      {"/address_conflicts"}},
    WorkerCounterText{&WorkerCounters::received_bytes,
                      "received_bytes",
                      "bytes",
                      "bytes of frames received",
                      {"/bytes/received", "BYTES IN", "/bytes/received"}},
    WorkerCounterText{&WorkerCounters::forwarded_bytes,
                      "forwarded_bytes",
                      "bytes",
                      "bytes of forwarded IP packets, as they arrived",
                      {"/bytes/forwarded", "", "/bytes/forwarded"}},
    WorkerCounterText{&WorkerCounters::transmitted_bytes,
                      "transmitted_bytes",
                      "bytes",
                      "bytes of frames sent",
                      {"/bytes/transmitted", "", "/bytes/transmitted"}},
    WorkerCounterText{&WorkerCounters::flow_hits,
                      "flow_hits",
                      "packets",
                      "packets whose flow was in the flow table",
                      {"/flows/hits"}},
    WorkerCounterText{&WorkerCounters::flow_inserts,
                      "flow_inserts",
                      "flows",
                      "flows put into the flow table",
                      {"/flows/inserts"}},
    WorkerCounterText{&WorkerCounters::flow_evictions,
                      "flow_evictions",
                      "flows",
                      "unproven or closing flows evicted from the flow table to make room",
                      {"/flows/evictions"}},
    WorkerCounterText{&WorkerCounters::flow_table_full,
                      "flow_table_full",
                      "flows",
                      "flows not put into the flow table for want of room: the ring forwards them",
                      {"/flows/table_full"}},
    WorkerCounterText{&WorkerCounters::flow_over_budget,
                      "flow_over_budget",
                      "flows",
                      "flows not put into the flow table because of their service's "
                      "new_flows_per_s: the ring forwards them",
                      {"/flows/over_budget", "OVER BUDGET"}},
    WorkerCounterText{&WorkerCounters::flow_missed,
                      "flow_missed",
                      "packets",
                      "TCP packets other than SYN whose flow was not in the flow table: the ring "
                      "decides again",
                      {"/flows/missed"}},
    WorkerCounterText{
        &WorkerCounters::polls, "polls", "polls", "polls of the receive queues", {"/polls"}},
    WorkerCounterText{
        &WorkerCounters::polls_empty, "polls_empty", "polls", "polls that found no packet", {}},
};

static_assert(count_counters(kWorkerCounters) ==
              offsetof(WorkerCounters, reserved) / sizeof(SharedCounter));

using PortCounterText = CounterText<PortStatus>;

// As the port's driver counts.
inline constexpr std::array kPortCounters = {
    PortCounterText{&PortStatus::received_packets,
                    "received_packets",
                    "packets",
                    "frames received",
                    {"/received/packets", "PACKETS IN"}},
    PortCounterText{&PortStatus::received_bytes,
                    "received_bytes",
                    "bytes",
                    "bytes of frames received",
                    {"/received/bytes", "BYTES IN"}},
    PortCounterText{&PortStatus::transmitted_packets,
                    "transmitted_packets",
                    "packets",
                    "frames sent",
                    {"/transmitted/packets", "PACKETS OUT"}},
    PortCounterText{&PortStatus::transmitted_bytes,
                    "transmitted_bytes",
                    "bytes",
                    "bytes of frames sent",
                    {"/transmitted/bytes", "BYTES OUT"}},
    PortCounterText{&PortStatus::missed_packets,
                    "missed_packets",
                    "packets",
                    "frames lost for want of a free receive buffer or descriptor",
                    {"/missed", "MISSED"}},
    PortCounterText{&PortStatus::receive_errors,
                    "receive_errors",
                    "packets",
                    "frames received with errors",
                    {"/receive_errors", "ERRORS IN"}},
    PortCounterText{&PortStatus::transmit_errors,
                    "transmit_errors",
                    "packets",
                    "frames that could not be sent",
                    {"/transmit_errors", "ERRORS OUT"}},
};

static_assert(count_counters(kPortCounters) ==
              (offsetof(PortStatus, reserved) - offsetof(PortStatus, received_packets)) /
                  sizeof(SharedCounter));

using TrafficCounterText = CounterText<TrafficCounter>;

// Of a service or a backend.
inline constexpr std::array kTrafficCounters = {
    TrafficCounterText{&TrafficCounter::packets,
                       "packets",
                       "packets",
                       "packets forwarded",
                       {"/packets", "PACKETS"}},
    TrafficCounterText{&TrafficCounter::bytes,
                       "bytes",
                       "bytes",
                       "bytes of forwarded IP packets, as they arrived",
                       {"/bytes", "BYTES"}},
};

static_assert(count_counters(kTrafficCounters) == sizeof(TrafficCounter) / sizeof(SharedCounter));

}  // namespace vipfwd::abi
