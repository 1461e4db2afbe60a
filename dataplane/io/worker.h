// SPDX-License-Identifier: Apache-2.0
// One worker: a thread on a CPU of its own that takes bursts of packets from its queues through all
// stages to completion. It does not allocate (except that libcrypto does when an advert is signed),
// log or wait for another thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dataplane/abi/boot.h"
#include "dataplane/host/kernel_wait.h"
#include "dataplane/io/device_wire.h"
#include "dataplane/io/flow_memory.h"
#include "dataplane/io/receive.h"
#include "dataplane/path/exchange.h"
#include "dataplane/path/handoff.h"
#include "dataplane/path/open_devices.h"
#include "dataplane/path/queue_wait.h"
#include "dataplane/path/walk.h"
#include "dataplane/path/worker_pace.h"

namespace vipfwd::io {

class Worker {
  public:
    struct Setup {
        std::uint32_t index = 0;
        std::uint32_t workers = 1;
        std::vector<ReceiveQueue> queues;
        std::vector<path::KernelPort> kernel_ports;  // by port number
        path::OpenDevices* devices = nullptr;
        rte_mempool* pool = nullptr;                     // for buffers of its own frames
        path::Handoff* handoff = nullptr;                // null if there is one worker
        std::span<const packet::FlowTable> all_flows{};  // of all workers
        abi::Idle idle = abi::Idle::kSpin;
        host::KernelWait* wait = nullptr;  // null: the worker never waits
        bool is_replay = false;            // all queues that receive anything are captures
    };
    Worker(Setup setup, FlowMemory flow_memory, path::Exchange& exchange);

    // The loop of the worker's thread, until stop(). Requires that a snapshot was offered.
    void run();

    // From another thread.
    void stop() { stopping_.store(true, std::memory_order_relaxed); }
    // True once all captures of a replay are exhausted and their packets processed, except for
    // fragments that are held or handed off.
    bool finished() const { return finished_.load(std::memory_order_acquire); }

    // Process the frames that other workers have handed off to this one, and release all held
    // fragments. Call them once no worker runs any more: first drain_handoffs() of all workers,
    // then flush().
    void drain_handoffs();
    void flush();

  private:
    // A queue, and what this worker knows of it.
    struct Source {
        ReceiveQueue queue;
        std::uint64_t without_buffer = 0;  // count_without_buffer() at the last empty burst
        bool ended = false;
    };

    path::WorkerContext context() const {
        return {snapshot_->tables, counters_, now_, leases_, last_sequences_, conflicts_};
    }
    void take_snapshot();
    void adopt_devices();
    void watch_queues();
    std::uint32_t poll_queues();
    std::uint32_t receive_burst(Source& source);
    std::uint32_t take_handed_in();
    void note_empty(Source& source);
    void check_finished();
    void tick();
    void poll_leases();
    void update_leases(std::uint64_t now_ns);
    bool all_workers_beat(std::uint64_t now_ns) const;
    void sweep(std::uint64_t elapsed_ns);
    bool can_wait() const;
    void back_off(std::uint32_t frames);
    void wait();

    std::vector<Source> sources_;
    DeviceWire wire_;
    FlowMemory flow_memory_;
    std::vector<packet::DatagramBlock> datagrams_;
    std::vector<packet::UnpinnedFlows::Place> unpinned_;
    path::Walk walk_;
    path::OpenDevices& devices_;
    path::Handoff* handoff_;
    path::Exchange& exchange_;
    const path::Snapshot* snapshot_ = nullptr;
    // In the region of the snapshot.
    packet::RegionCounters counters_{};
    const abi::LeaseArea* leases_ = nullptr;
    abi::SharedWord* last_sequences_ = nullptr;
    abi::ConflictLog* conflicts_ = nullptr;
    path::Buffers buffers_{};
    packet::Burst burst_;

    std::uint32_t index_;
    std::uint32_t workers_;
    abi::Idle idle_;
    path::IdleBackoff backoff_;
    std::optional<path::QueueWait> wait_;  // none: the worker never waits
    path::SweepPace sweep_pace_;
    bool is_replay_;
    std::uint64_t now_ns_ = 0;
    packet::Moment now_;
    std::uint64_t next_tick_tsc_ = 0;  // when to read the clock again
    std::uint64_t tick_period_tsc_ = 0;
    std::uint64_t lease_changes_ = 0;  // LeaseArea::changes when the leases were last read
    std::uint64_t polls_ = 0;          // since the last tick
    std::uint64_t polls_empty_ = 0;

    alignas(64) std::atomic<bool> stopping_ = false;
    std::atomic<bool> finished_ = false;
};

}  // namespace vipfwd::io
