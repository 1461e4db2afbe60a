// SPDX-License-Identifier: Apache-2.0
// One worker: a thread on its own CPU that takes packets from its queues through all stages, to
// completion, burst by burst. It allocates nothing (but what libcrypto does to sign an advert),
// logs nothing and waits for nobody.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/abi/boot.h"
#include "dataplane/io/device_wire.h"
#include "dataplane/io/flow_memory.h"
#include "dataplane/io/receive.h"
#include "dataplane/path/exchange.h"
#include "dataplane/path/handoff.h"
#include "dataplane/path/walk.h"

namespace vipfwd::io {

class Worker {
  public:
    struct Setup {
        std::uint32_t index = 0;
        std::uint32_t workers = 1;
        std::vector<ReceiveQueue> queues;
        std::vector<path::TransmitPort> ports;
        std::vector<path::KernelPort> kernel_ports;
        rte_mempool* pool = nullptr;                     // of buffers that it makes
        path::Handoff* handoff = nullptr;                // null: this is the only one
        std::span<const packet::FlowTable> all_flows{};  // of all workers
        abi::Idle idle = abi::Idle::kSpin;
        bool is_replay = false;  // all of its queues that ever receive have an end
    };
    Worker(Setup setup, FlowMemory flow_memory, path::Exchange& exchange);

    // Until stop(). Requires that a snapshot was offered.
    void run();

    // From another thread.
    void stop() { stopping_.store(true, std::memory_order_relaxed); }
    // A replay's captures are exhausted, and what was in them has been dealt with, but for
    // fragments that are held or handed over.
    bool finished() const { return finished_.load(std::memory_order_acquire); }

    // What others still gave it, and then all that it holds. When no worker runs any more.
    void serve_leftovers();
    void flush();

  private:
    // A queue and what this worker noted of it.
    struct Source {
        ReceiveQueue queue;
        std::uint64_t unbuffered = 0;
        bool ended = false;
    };

    path::WorkerContext context() const {
        return {snapshot_->tables, counters_, now_, leases_, last_sequences_};
    }
    void take_snapshot();
    std::uint32_t serve(Source& source);
    std::uint32_t serve_others();
    void note_end(Source& source);
    void judge_end();
    void keep_time();
    void mind_leases();
    void look_at_leases(std::uint64_t now_ns);
    bool all_run(std::uint64_t now_ns) const;
    void sweep(std::uint64_t elapsed_ns);
    void rest(std::uint32_t frames);

    std::vector<Source> sources_;
    DeviceWire wire_;
    FlowMemory flow_memory_;
    std::vector<packet::DatagramEntry> datagrams_;
    path::Walk walk_;
    path::Handoff* handoff_;
    path::Exchange& exchange_;
    const path::Snapshot* snapshot_ = nullptr;
    // Of the snapshot's region.
    packet::RegionCounters counters_{};
    const abi::LeaseArea* leases_ = nullptr;
    abi::SharedWord* last_sequences_ = nullptr;
    path::Buffers buffers_{};
    packet::Burst burst_;

    std::uint32_t index_;
    std::uint32_t workers_;
    abi::Idle idle_;
    bool is_replay_;
    std::uint64_t now_ns_ = 0;
    packet::Moment now_;
    std::uint64_t next_look_ticks_ = 0;  // when to read the clock again
    std::uint64_t look_every_ticks_ = 0;
    std::uint64_t lease_changes_ = 0;  // LeaseArea::changes as it was last seen
    std::uint64_t sweep_debt_ = 0;     // bucket-nanoseconds
    std::uint32_t empty_turns_ = 0;
    std::uint64_t polls_ = 0;  // not yet in the region
    std::uint64_t polls_empty_ = 0;

    alignas(64) std::atomic<bool> stopping_ = false;
    std::atomic<bool> finished_ = false;
};

}  // namespace vipfwd::io
