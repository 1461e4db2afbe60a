// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/worker.h"

#include <rte_cycles.h>
#include <rte_pause.h>
#include <sched.h>

#include <algorithm>
#include <utility>

#include "dataplane/abi/clock.h"
#include "dataplane/abi/real_time.h"

namespace vipfwd::io {
namespace {

constexpr std::uint64_t kLooksPerSecond = 1000;  // at the clock
constexpr std::uint32_t kBusyTurns = 64;         // empty ones, before it sleeps
constexpr std::uint32_t kSleepStep_us = 5;
constexpr std::uint32_t kLongestSleep_us = 50;
constexpr std::uint64_t kLongestGap_ns = 60 * kNanosecondsPerS;
// Twice as fast as promised.
constexpr std::uint64_t kSweepPeriod_ns = abi::kFlowSweepPeriod_s * kNanosecondsPerS / 2;
constexpr std::size_t kDatagrams = 1024;  // in fragments, at one time

std::uint64_t now() {
    return static_cast<std::uint64_t>(monotonic_ns());
}

void sleep_us(std::uint32_t duration_us) {
    const timespec duration{0, static_cast<long>(duration_us) * 1000};
    nanosleep(&duration, nullptr);
}

path::Walk::Setup set_up_walk(Worker::Setup& setup, const FlowMemory& flows,
                              std::span<packet::DatagramEntry> datagrams) {
    path::Walk::Setup walk{
        .queue = static_cast<std::uint16_t>(setup.index),
        .ports = std::move(setup.ports),
        .kernel_ports = std::move(setup.kernel_ports),
        .handoff = setup.handoff,
        .state = {},
        .sends_adverts = setup.index == 0,
    };
    walk.state.flows = packet::FlowTable(flows.buckets());
    walk.state.all_flows = setup.all_flows;
    walk.state.fragments = packet::FragmentTable(datagrams, setup.workers);
    walk.state.worker = setup.index;
    return walk;
}

}  // namespace

Worker::Worker(Setup setup, FlowMemory flow_memory, path::Exchange& exchange)
    : wire_(setup.pool),
      flow_memory_(std::move(flow_memory)),
      datagrams_(kDatagrams),
      walk_(wire_, set_up_walk(setup, flow_memory_, datagrams_)),
      handoff_(setup.handoff),
      exchange_(exchange),
      index_(setup.index),
      workers_(setup.workers),
      idle_(setup.idle),
      is_replay_(setup.is_replay) {
    for (const ReceiveQueue& queue : setup.queues)
        sources_.push_back({.queue = queue});
    judge_end();
}

// A worker that never sleeps has a CPU of its own: there it would only keep the kernel from its
// work.
void Worker::run() {
    if (idle_ == abi::Idle::kSleep)
        abi::request_realtime_priority(abi::kWorkerRealtimePriority);
    look_every_ticks_ = rte_get_tsc_hz() / kLooksPerSecond;
    now_ns_ = now();
    while (!stopping_.load(std::memory_order_relaxed)) {
        take_snapshot();
        keep_time();
        mind_leases();
        std::uint32_t frames = 0;
        for (Source& source : sources_)
            frames += serve(source);
        frames += serve_others();
        frames += walk_.relay_from_kernel();
        walk_.send_due_adverts(context());
        rest(frames);
    }
    keep_time();
    snapshot_->status(index_).heartbeat_ns.store(0);
}

// Between bursts nothing refers to the old snapshot any more.
void Worker::take_snapshot() {
    const path::Snapshot* newest = exchange_.newest();
    if (newest == snapshot_)
        return;
    const bool is_of_new_region = snapshot_ == nullptr || newest->region != snapshot_->region;
    snapshot_ = newest;
    abi::WorkerStatus& status = snapshot_->status(index_);
    if (is_of_new_region) {
        counters_ = snapshot_->counters(index_);
        leases_ = &snapshot_->region->control().leases;
        last_sequences_ = snapshot_->region->status_for_writing().last_sequence;
        status.lcore.store(static_cast<std::uint64_t>(sched_getcpu()));
        status.heartbeat_ns.store(now_ns_);
    }
    status.generation.store(snapshot_->generation());
    exchange_.use(index_, snapshot_);
}

std::uint32_t Worker::serve(Source& source) {
    const Received received = receive(source.queue, buffers_, burst_);
    ++polls_;
    if (received.packets == 0) {
        ++polls_empty_;
        if (source.queue.is_capture && !source.ended)
            note_end(source);
        return 0;
    }
    abi::WorkerCounters& counters = *counters_.worker;
    counters.received_packets.add(received.packets);
    counters.received_bytes.add(received.bytes);

    walk_.process_burst(context(), buffers_, burst_);
    return received.packets;
}

std::uint32_t Worker::serve_others() {
    const std::uint32_t taken = handoff_ == nullptr ? 0 : handoff_->take(index_, buffers_, burst_);
    if (taken == 0)
        return 0;
    counters_.worker->handed_in.add(taken);
    walk_.process_burst(context(), buffers_, burst_);
    return taken;
}

void Worker::serve_leftovers() {
    while (snapshot_ != nullptr && serve_others() > 0) {
    }
}

void Worker::flush() {
    if (snapshot_ != nullptr)
        walk_.flush(context());
}

// An empty burst is the end of a capture, unless it was for want of a buffer.
void Worker::note_end(Source& source) {
    const std::uint64_t unbuffered = count_unbuffered(source.queue);
    source.ended = unbuffered == source.unbuffered;
    source.unbuffered = unbuffered;
    judge_end();
}

void Worker::judge_end() {
    const bool all_ended = std::all_of(sources_.begin(), sources_.end(), [](const Source& one) {
        return one.ended || !one.queue.is_capture;
    });
    if (is_replay_ && all_ended)
        finished_.store(true, std::memory_order_release);
}

// About every millisecond: a clock is too dear to be read at every turn.
void Worker::keep_time() {
    const std::uint64_t ticks = rte_rdtsc();
    if (ticks < next_look_ticks_ && !stopping_.load(std::memory_order_relaxed))
        return;
    next_look_ticks_ = ticks + look_every_ticks_;
    const std::uint64_t before_ns = now_ns_;
    now_ns_ = now();
    now_ = packet::Moment::from_ms(now_ns_ / kNanosecondsPerMs);
    snapshot_->status(index_).heartbeat_ns.store(now_ns_);
    counters_.worker->polls.add(polls_);
    counters_.worker->polls_empty.add(polls_empty_);
    polls_ = polls_empty_ = 0;
    look_at_leases(now_ns_);
    walk_.expire_held(context());
    sweep(now_ns_ - before_ns);
}

// Control has taken or given up something: no time is to be lost.
void Worker::mind_leases() {
    if (leases_->changes.load() != lease_changes_)
        look_at_leases(now());
}

void Worker::look_at_leases(std::uint64_t now_ns) {
    lease_changes_ = leases_->changes.load();
    walk_.update_leases(context(), *leases_, now_ns, index_ != 0 || all_run(now_ns));
}

bool Worker::all_run(std::uint64_t now_ns) const {
    for (std::uint32_t worker = 0; worker < workers_; ++worker) {
        if (!snapshot_->status(worker).beats(now_ns))
            return false;
    }
    return true;
}

void Worker::sweep(std::uint64_t elapsed_ns) {
    sweep_debt_ += std::min(elapsed_ns, kLongestGap_ns) * walk_.flows().bucket_count();
    const std::uint64_t buckets = sweep_debt_ / kSweepPeriod_ns;
    sweep_debt_ -= buckets * kSweepPeriod_ns;
    const packet::FlowAge age{snapshot_->tables.generation.header.timeouts, now_.s};
    walk_.flows().sweep(buckets, age);
}

void Worker::rest(std::uint32_t frames) {
    if (frames > 0) {
        empty_turns_ = 0;
        return;
    }
    if (idle_ == abi::Idle::kSpin || empty_turns_ < kBusyTurns) {
        ++empty_turns_;
        return rte_pause();
    }
    const std::uint32_t steps = empty_turns_++ - kBusyTurns + 1;
    sleep_us(std::min(steps, kLongestSleep_us / kSleepStep_us) * kSleepStep_us);
}

}  // namespace vipfwd::io
