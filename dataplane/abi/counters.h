// SPDX-License-Identifier: Apache-2.0
// What the dataplane reports. Every field is `dataplane: wo, control: ro`; counters only go up, as
// long as the region lives. counter_list.h has what each of them is called and means.
#pragma once

#include <cstdint>

#include "dataplane/abi/address.h"
#include "dataplane/abi/address_conflict.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/drop_reason.h"
#include "dataplane/abi/flow_census.h"
#include "dataplane/abi/limits.h"
#include "dataplane/abi/shared.h"

namespace vipfwd::abi {

// Of one service or backend, on one worker.
struct TrafficCounter {
    SharedCounter packets;
    SharedCounter bytes;
};

// For every worker, with "dropped" the sum over all reasons,
//   received + handed_in = forwarded + to_kernel + answered + dropped + handed_out + held,
// and
//   transmitted = forwarded + answered + split_frames + own_frames.
struct WorkerCounters {
    SharedCounter received_packets;
    SharedCounter received_bytes;
    SharedCounter forwarded_packets;
    SharedCounter forwarded_bytes;
    SharedCounter to_kernel_packets;
    SharedCounter answered_packets;
    SharedCounter transmitted_packets;
    SharedCounter transmitted_bytes;
    SharedCounter flow_hits;
    SharedCounter flow_inserts;
    SharedCounter flow_evictions;
    SharedCounter flow_table_full;
    SharedCounter flow_over_budget;
    SharedCounter flow_missed;
    SharedCounter handed_out;
    SharedCounter handed_in;
    SharedCounter held;  // a gauge
    SharedCounter split_frames;
    SharedCounter too_big_answers;
    SharedCounter icmp_small_mtu;
    SharedCounter own_frames;
    SharedCounter polls;
    SharedCounter polls_empty;
    SharedCounter address_conflicts;
    SharedCounter reserved[8];
    SharedCounter dropped[kDropReasonCapacity];  // by DropReason
};

struct alignas(64) WorkerStatus {
    SharedWord heartbeat_ns;  // CLOCK_MONOTONIC in a recent iteration of its loop; 0: not running
    SharedWord generation;    // that it forwards by; it does not read older ones any more
    SharedWord lcore;
    std::uint64_t reserved[5];
    WorkerCounters counters;

    // True also for a worker that does not run.
    bool is_stuck(std::uint64_t now_ns) const {
        return now_ns > heartbeat_ns.load() + kStuckWorker_ns;
    }
};

enum class PortState : std::uint64_t {
    kAbsent = 0,  // no dataplane runs the port
    kDown = 1,    // its link is down
    kUp = 2,
    kNoInterface = 3,  // closed: its interface does not exist
    kCannotOpen = 4,   // closed: opening it failed, as the dataplane's log says
    kLast = kCannotOpen,
};

// Whether the dataplane has the port's device open.
constexpr bool is_open(PortState state) {
    return state == PortState::kDown || state == PortState::kUp;
}

// State and counters of a port's device, as its driver reports them; refreshed about every 100 ms.
struct alignas(64) PortStatus {
    SharedWord state;  // PortState
    SharedWord mac;    // 6 bytes, first byte lowest; 0: not known yet
    SharedWord mtu;
    SharedWord openings;         // how often this dataplane has opened the port
    SharedWord unopened_queues;  // receive queues of the interface that the dataplane does not read
    SharedCounter received_packets;
    SharedCounter received_bytes;
    SharedCounter transmitted_packets;
    SharedCounter transmitted_bytes;
    SharedCounter missed_packets;
    SharedCounter receive_errors;
    SharedCounter transmit_errors;
    std::uint64_t reserved[4];
};

struct DataplaneStatus {
    SharedWord pid;                  // 0: never started
    SharedWord started_at_s;         // CLOCK_BOOTTIME
    SharedWord rejected_generation;  // the last one that was not valid
    std::uint64_t reserved[5];
    SharedWord last_sequence[kMaxGroups];  // by lease: of the last advert that the dataplane signed
    ConflictLog conflicts[kMaxWorkers];
    BootParameters
        booted;  // what the running dataplane was started with; written before it is ready
    PortStatus ports[kMaxPorts];
    WorkerStatus workers[kMaxWorkers];
    TrafficCounter services[kMaxWorkers][kMaxServices];
    TrafficCounter backends[kMaxWorkers][kMaxBackends];
    FlowCensus censuses[kMaxWorkers];
};

static_assert(sizeof(WorkerCounters) == 96 * 8);
static_assert(sizeof(WorkerStatus) == 64 + 768);
static_assert(sizeof(PortStatus) == 128);

}  // namespace vipfwd::abi
