// SPDX-License-Identifier: Apache-2.0
// How fast a worker goes: when it sleeps, and how much of its flow table it sweeps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/clock.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::path {

// What a worker does before the next round of its loop.
struct Pause {
    enum class Kind : std::uint8_t {
        kNone,   // goes on at once
        kSleep,  // sleeps for `sleep_us`, whatever happens
        kWait,   // waits until something happens (host/kernel_wait.h)
    };
    Kind kind = Kind::kNone;
    std::uint32_t sleep_us = 0;

    friend constexpr bool operator==(const Pause&, const Pause&) = default;
};

// Decides after each round of the worker's loop whether the worker may pause.
class IdleBackoff {
  public:
    explicit IdleBackoff(abi::Idle idle) : idle_(idle) {}

    // Notes a round that processed `frames` frames. `can_wait`: everything that the worker must
    // react to would end a wait. After kSpinRounds idle rounds a worker that can wait does; the
    // sleeps of one that cannot grow step by step up to kLongestSleep_us.
    Pause after(std::uint32_t frames, bool can_wait) {
        if (frames > 0) {
            idle_rounds_ = 0;
            return {};
        }
        if (idle_ == abi::Idle::kSpin || idle_rounds_ < kSpinRounds) {
            ++idle_rounds_;
            must_sleep_ = false;
            return {};
        }
        if (can_wait && !std::exchange(must_sleep_, false))
            return {Pause::Kind::kWait};
        const std::uint32_t steps = idle_rounds_++ - kSpinRounds + 1;
        return {Pause::Kind::kSleep,
                std::min(steps, kLongestSleep_us / kSleepStep_us) * kSleepStep_us};
    }

    // Notes how a wait ended. If it was for packets, but the next round finds none, the worker
    // sleeps before it waits again: a descriptor that stays readable must not make the worker spin.
    // DPDK's net_tap driver even delivers nothing before another thread has handled a signal.
    void end_wait(bool told_of_packets) {
        must_sleep_ = told_of_packets;
        if (!told_of_packets)
            idle_rounds_ = kSpinRounds;
    }

    static constexpr std::uint32_t kSpinRounds = 64;
    static constexpr std::uint32_t kSleepStep_us = 5;
    static constexpr std::uint32_t kLongestSleep_us = 50;

  private:
    abi::Idle idle_;
    std::uint32_t idle_rounds_ = 0;  // consecutive rounds without a frame
    bool must_sleep_ = false;        // before the next wait
};

// Spreads the sweep of a flow table evenly over time.
class SweepPace {
  public:
    // How many of `buckets` buckets to sweep, `elapsed_ns` after the last call.
    std::uint64_t due(std::uint64_t elapsed_ns, std::uint64_t buckets) {
        debt_ += std::min(elapsed_ns, kLongestGap_ns) * buckets;
        const std::uint64_t due = debt_ / kPeriod_ns;
        debt_ -= due * kPeriod_ns;
        return due;
    }

    // Half of the promised period, as a margin.
    static constexpr std::uint64_t kPeriod_ns = abi::kFlowSweepPeriod_s * kNanosecondsPerS / 2;

  private:
    static constexpr std::uint64_t kLongestGap_ns = 60 * kNanosecondsPerS;

    std::uint64_t debt_ = 0;  // buckets that are due, times kPeriod_ns
};

// How many buckets of a flow table a census sees, `elapsed_ns` after the last call: some 5 us a
// millisecond. After a longer gap it does not catch up, so that it delays no packet.
constexpr std::uint64_t census_due(std::uint64_t elapsed_ns) {
    constexpr std::uint64_t kBucketsPerMs = 256;
    constexpr std::uint64_t kLongestGap_ns = 4 * kNanosecondsPerMs;
    return std::min(elapsed_ns, kLongestGap_ns) * kBucketsPerMs / kNanosecondsPerMs;
}

}  // namespace vipfwd::path
