// SPDX-License-Identifier: Apache-2.0
// A worker without DPDK: it takes bursts of 64-byte frames, made in memory, through the packet
// core, and takes up offered tables between two bursts.
#pragma once

#include <sched.h>
#include <x86intrin.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <vector>

#include "dataplane/packet/account.h"
#include "dataplane/packet/pipeline.h"
#include "dataplane/path/exchange.h"
#include "tests/bench/measure.h"
#include "tests/bench/table_sides.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::bench {

inline constexpr std::size_t kFlows = 4096;
inline constexpr std::uint64_t kSampledBursts = 5000;  // one of this many is a sample
inline constexpr std::size_t kFrameBytes = 64;
inline constexpr std::uint32_t kHeadroom = 128;
inline constexpr std::uint32_t kBufferBytes = 2048;

// 64-byte frames of many flows, to the VIPs in turn.
class Source {
  public:
    explicit Source(std::size_t vips)
        : frames_(kFlows * kFrameBytes), buffers_(packet::kBurstSize * kBufferBytes) {
        for (std::size_t i = 0; i < kFlows; ++i) {
            packet::sample::Spec spec;
            spec.source = to_string(numbered_address(0x0b000000, i));
            spec.destination = to_string(vip(i * 7919 % vips));
            spec.tcp_flags = packet::kTcpAck;
            spec.payload = 10;
            const packet::sample::Bytes frame = packet::sample::ipv4(spec);
            std::copy(frame.begin(), frame.end(), &frames_[i * kFrameBytes]);
        }
    }

    void receive(packet::Burst& burst) {
        burst.count = packet::kBurstSize;
        for (std::uint32_t i = 0; i < packet::kBurstSize; ++i) {
            std::uint8_t* const head = &buffers_[i * kBufferBytes + kHeadroom];
            std::memcpy(head, &frames_[next_++ % kFlows * kFrameBytes], kFrameBytes);
            burst.frames[i] = {head, kFrameBytes, kFrameBytes, kHeadroom, 0};
        }
    }

  private:
    std::vector<std::uint8_t> frames_;
    std::vector<std::uint8_t> buffers_;
    std::size_t next_ = 0;
};

// What the worker measured when it took up a generation. Written before `seen`, read after it.
struct PickUp {
    Clock::time_point at;
    Cycles tables;          // for taking up the tables
    Cycles first_burst;     // of the first burst with the new tables
    bool is_valid = false;  // the clock was steady, and nothing interrupted the worker
};

// The loop of dataplane/io/worker.cpp, with frames from memory.
class Worker {
  public:
    Worker(path::Exchange& exchange, std::size_t vips) : exchange_(exchange), source_(vips) {
        state_->flows = packet::FlowTable(buckets_);
        state_->all_flows = std::span(&state_->flows, 1);
        state_->fragments = packet::FragmentTable(datagrams_, 1);
    }

    void run(const std::atomic<bool>& stopping) {
        std::uint64_t echoed = 0;
        while (!stopping.load(std::memory_order_relaxed)) {
            if (const std::uint64_t call = called.load(std::memory_order_acquire); call != echoed) {
                pick_up.at = Clock::now();
                echoed = call;
                seen.store(call, std::memory_order_release);
            }
            const double picked_up = take_snapshot();
            if (snapshot_ == nullptr)
                continue;
            const double burst = forward();
            if (picked_up != 0) {
                pick_up.tables = stopwatch_.convert(picked_up);
                pick_up.first_burst = stopwatch_.convert(burst);
                pick_up.is_valid = stopwatch_.is_valid();
                seen.store(snapshot_->generation(), std::memory_order_release);
            }
            if (++bursts_ % kSampledBursts == 0) {
                burst_cycles.add(stopwatch_.convert(burst), stopwatch_.is_valid());
                stopwatch_ = Stopwatch();
            }
        }
    }

    CycleSamples burst_cycles;              // may be read after run() has returned
    std::atomic<std::uint64_t> called = 0;  // a message without tables
    std::atomic<std::uint64_t> seen = 0;
    PickUp pick_up;

  private:
    // Returns the TSC cycles that it took; 0: nothing new was offered.
    double take_snapshot() {
        const std::uint64_t before = __rdtsc();
        const path::Snapshot* newest = exchange_.newest();
        if (newest == snapshot_)
            return 0;
        const bool is_of_new_region = snapshot_ == nullptr || newest->region != snapshot_->region;
        snapshot_ = newest;
        abi::WorkerStatus& status = snapshot_->status(0);
        if (is_of_new_region) {
            counters_ = snapshot_->counters(0);
            status.lcore.store(static_cast<std::uint64_t>(sched_getcpu()));
            status.heartbeat_ns.store(1);
        }
        status.generation.store(snapshot_->generation());
        exchange_.use(0, snapshot_);
        const std::uint64_t after = __rdtsc();
        pick_up.at = Clock::now();
        return static_cast<double>(after - before);
    }

    // Returns the TSC cycles of the packet core.
    double forward() {
        source_.receive(*burst_);
        const std::uint64_t before = __rdtsc();
        const packet::BurstCounts counts =
            packet::process(snapshot_->tables, *state_, packet::Moment::from_ms(1000), *burst_);
        packet::account(snapshot_->tables, burst_->all_packets(), counts, counters_);
        const std::uint64_t after = __rdtsc();
        for (const packet::Packet& packet : burst_->all_packets()) {
            if (packet.action != packet::Action::kForward)
                throw std::runtime_error("a packet was not forwarded");
        }
        return static_cast<double>(after - before);
    }

    path::Exchange& exchange_;
    Source source_;
    const path::Snapshot* snapshot_ = nullptr;
    packet::RegionCounters counters_{};
    std::uint64_t bursts_ = 0;
    Stopwatch stopwatch_;  // begun at the last sampled burst
    std::vector<packet::FlowBucket> buckets_ =
        std::vector<packet::FlowBucket>(packet::FlowTable::bucket_count(kFlows));
    std::vector<packet::DatagramBlock> datagrams_ = std::vector<packet::DatagramBlock>(1);
    std::unique_ptr<packet::WorkerState> state_ = std::make_unique<packet::WorkerState>();
    std::unique_ptr<packet::Burst> burst_ = std::make_unique<packet::Burst>();
};

}  // namespace vipfwd::bench
