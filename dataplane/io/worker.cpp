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

constexpr std::uint64_t kTicksPerSecond = 1000;
constexpr std::uint64_t kLongestWait_ns = abi::kStuckWorker_ns / 5;  // between heartbeats
constexpr std::size_t kDatagrams = 1024;  // fragmented datagrams that are tracked at one time
constexpr std::size_t kUnpinnedPlaces = 1 << 17;  // 4 MiB

std::uint64_t now() {
    return static_cast<std::uint64_t>(monotonic_ns());
}

void sleep_us(std::uint32_t duration_us) {
    const timespec duration{0, static_cast<long>(duration_us) * 1000};
    nanosleep(&duration, nullptr);
}

path::Walk::Setup set_up_walk(Worker::Setup& setup, const FlowMemory& flows,
                              std::span<packet::DatagramBlock> datagrams,
                              std::span<packet::UnpinnedFlows::Place> unpinned) {
    path::Walk::Setup walk{
        .queue = static_cast<std::uint16_t>(setup.index),
        .ports = std::vector<path::TransmitPort>(setup.kernel_ports.size()),
        .kernel_ports = std::move(setup.kernel_ports),
        .handoff = setup.handoff,
        .state = {},
        .sends_adverts = setup.index == 0,
    };
    walk.state.flows = packet::FlowTable(flows.buckets());
    walk.state.all_flows = setup.all_flows;
    walk.state.fragments = packet::FragmentTable(datagrams, setup.workers);
    walk.state.unpinned = packet::UnpinnedFlows(unpinned);
    walk.state.worker = setup.index;
    walk.state.outer_ids = packet::OuterIds(setup.index, setup.workers);
    return walk;
}

}  // namespace

Worker::Worker(Setup setup, FlowMemory flow_memory, path::Exchange& exchange)
    : wire_(setup.pool),
      flow_memory_(std::move(flow_memory)),
      datagrams_(kDatagrams / packet::DatagramBlock::kEntries),
      unpinned_(kUnpinnedPlaces),
      walk_(wire_, set_up_walk(setup, flow_memory_, datagrams_, unpinned_)),
      devices_(*setup.devices),
      handoff_(setup.handoff),
      exchange_(exchange),
      index_(setup.index),
      workers_(setup.workers),
      idle_(setup.idle),
      backoff_(setup.idle),
      is_replay_(setup.is_replay) {
    for (const ReceiveQueue& queue : setup.queues)
        sources_.push_back({.queue = queue});
    if (setup.wait != nullptr)
        wait_.emplace(wire_, *setup.wait, sources_.size() + abi::kMaxPorts);
    check_finished();
}

// One burst of each receive queue.
[[gnu::always_inline]] inline std::uint32_t Worker::poll_queues() {
    std::uint32_t frames = 0;
    for (Source& source : sources_) {
        if (source.queue.device != path::kNoDevice)
            frames += receive_burst(source);
    }
    return frames + walk_.relay_from_kernel();
}

// Real-time priority only for a worker that sleeps: a spinning real-time thread would starve kernel
// work on its CPU.
void Worker::run() {
    if (idle_ == abi::Idle::kSleep)
        abi::request_realtime_priority(abi::kWorkerRealtimePriority);
    tick_period_tsc_ = rte_get_tsc_hz() / kTicksPerSecond;
    now_ns_ = now();
    while (!stopping_.load(std::memory_order_relaxed)) {
        take_snapshot();
        tick();
        poll_leases();
        std::uint32_t frames = poll_queues();
        frames += take_handed_in();
        walk_.send_due_adverts(context());
        back_off(frames);
    }
    tick();
    snapshot_->status(index_).heartbeat_ns.store(0);
}

// Called between bursts, when nothing refers to the old snapshot.
void Worker::take_snapshot() {
    const path::Snapshot* newest = exchange_.newest();
    if (newest == snapshot_)
        return;
    const bool is_of_new_region = snapshot_ == nullptr || newest->region != snapshot_->region;
    snapshot_ = newest;
    abi::WorkerStatus& status = snapshot_->status(index_);
    if (is_of_new_region) {
        walk_.flows().abandon_census();
        counters_ = snapshot_->counters(index_);
        leases_ = &snapshot_->region->control().leases;
        last_sequences_ = snapshot_->region->status_for_writing().last_sequence;
        conflicts_ = snapshot_->region->status_for_writing().conflicts;
        status.lcore.store(static_cast<std::uint64_t>(sched_getcpu()));
        status.heartbeat_ns.store(now_ns_);
    }
    status.generation.store(snapshot_->generation());
    exchange_.use(index_, snapshot_);
}

// Called between bursts, when no device has a buffer half sent.
void Worker::adopt_devices() {
    const path::OpenDevices::Ports ports = devices_.adopt(index_);
    walk_.use_ports(ports);
    for (Source& source : sources_)
        source.queue.device = ports[source.queue.port].device;
    if (wait_)
        watch_queues();
}

void Worker::watch_queues() {
    wait_->clear();
    for (const Source& source : sources_) {
        const ReceiveQueue& queue = source.queue;
        if (queue.device != path::kNoDevice)
            wait_->add(queue.device, queue.queue, devices_.wakeup(queue.port, queue.queue));
    }
    walk_.add_queues_to(*wait_);
}

std::uint32_t Worker::receive_burst(Source& source) {
    const Received received = receive(source.queue, buffers_, burst_);
    ++polls_;
    if (received.packets == 0) {
        ++polls_empty_;
        if (source.queue.is_capture && !source.ended)
            note_empty(source);
        return 0;
    }
    abi::WorkerCounters& counters = *counters_.worker;
    counters.received_packets.add(received.packets);
    counters.received_bytes.add(received.bytes);

    walk_.process_burst(context(), buffers_, burst_);
    return received.packets;
}

std::uint32_t Worker::take_handed_in() {
    const std::uint32_t taken = handoff_ == nullptr ? 0 : handoff_->take(index_, buffers_, burst_);
    if (taken == 0)
        return 0;
    counters_.worker->handed_in.add(taken);
    walk_.process_burst(context(), buffers_, burst_);
    return taken;
}

void Worker::drain_handoffs() {
    while (snapshot_ != nullptr && take_handed_in() > 0) {
    }
}

void Worker::flush() {
    if (snapshot_ != nullptr)
        walk_.flush(context());
}

// An empty burst means the end of a capture, unless no buffer was free.
void Worker::note_empty(Source& source) {
    const std::uint64_t without_buffer = count_without_buffer(source.queue);
    source.ended = without_buffer == source.without_buffer;
    source.without_buffer = without_buffer;
    check_finished();
}

void Worker::check_finished() {
    const bool all_ended = std::all_of(sources_.begin(), sources_.end(), [](const Source& one) {
        return one.ended || !one.queue.is_capture;
    });
    if (is_replay_ && all_ended)
        finished_.store(true, std::memory_order_release);
}

// What is done about every millisecond. The TSC tells when, because reading the clock in every
// round of the loop would be too slow.
void Worker::tick() {
    const std::uint64_t tsc = rte_rdtsc();
    if (tsc < next_tick_tsc_ && !stopping_.load(std::memory_order_relaxed))
        return;
    next_tick_tsc_ = tsc + tick_period_tsc_;
    if (devices_.has_news(index_))
        adopt_devices();
    const std::uint64_t before_ns = now_ns_;
    now_ns_ = now();
    now_ = packet::Moment::from_ms(now_ns_ / kNanosecondsPerMs);
    snapshot_->status(index_).heartbeat_ns.store(now_ns_);
    counters_.worker->polls.add(polls_);
    counters_.worker->polls_empty.add(polls_empty_);
    polls_ = polls_empty_ = 0;
    update_leases(now_ns_);
    walk_.expire_held(context());
    sweep(now_ns_ - before_ns);
}

// Reads the leases at once if control has changed one, without waiting for the next tick.
void Worker::poll_leases() {
    if (leases_->changes.load() != lease_changes_)
        update_leases(now());
}

void Worker::update_leases(std::uint64_t now_ns) {
    lease_changes_ = leases_->changes.load();
    walk_.update_leases(context(), *leases_, now_ns, index_ != 0 || all_workers_beat(now_ns));
}

bool Worker::all_workers_beat(std::uint64_t now_ns) const {
    for (std::uint32_t worker = 0; worker < workers_; ++worker) {
        if (snapshot_->status(worker).is_stuck(now_ns))
            return false;
    }
    return true;
}

void Worker::sweep(std::uint64_t elapsed_ns) {
    packet::FlowTable& flows = walk_.flows();
    abi::FlowCensus& census = snapshot_->region->status_for_writing().censuses[index_];
    const abi::ControlArea& control = snapshot_->region->control();
    const std::uint64_t request = control.census_request.load();
    if (request != census.begun.load())
        flows.begin_census(census, control.watched, request, snapshot_->generation());
    const std::uint64_t buckets = sweep_pace_.due(elapsed_ns, flows.bucket_count());
    const packet::FlowAge age{snapshot_->tables.generation.header.timeouts, now_.s};
    flows.sweep(flows.is_in_census() ? std::max(buckets, path::census_due(elapsed_ns)) : buckets,
                age);
}

void Worker::back_off(std::uint32_t frames) {
    const path::Pause pause = backoff_.after(frames, can_wait());
    switch (pause.kind) {
        case path::Pause::Kind::kNone:
            if (frames == 0)
                rte_pause();
            break;
        case path::Pause::Kind::kSleep:
            sleep_us(pause.sleep_us);
            break;
        case path::Pause::Kind::kWait:
            wait();
            break;
    }
}

bool Worker::can_wait() const {
    return wait_ && wait_->can_wait() && !walk_.holds_frames();
}

// The next round reads the clock first, so that it knows the time of what it then finds.
void Worker::wait() {
    const std::uint64_t now_ns = now();
    const std::uint64_t due_ns = walk_.next_lease_update_ns(context());
    if (due_ns > now_ns) {
        const bool told_of_packets = wait_->wait(
            std::min(due_ns - now_ns, kLongestWait_ns),
            [this] { return handoff_ != nullptr && handoff_->has_frames(index_); },
            [this] { return poll_queues(); });
        backoff_.end_wait(told_of_packets);
    }
    next_tick_tsc_ = 0;
}

}  // namespace vipfwd::io
