// SPDX-License-Identifier: Apache-2.0
// What one check has found out so far, for showing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "control/health/probe.h"
#include "dataplane/abi/enum.h"

namespace vipfwd::health {

// Of the latest good results.
struct Latencies {
    std::uint32_t last_us = 0;
    std::uint32_t p50_us = 0;
    std::uint32_t p99_us = 0;

    friend bool operator==(const Latencies&, const Latencies&) = default;
};

class CheckRecord {
  public:
    static constexpr std::size_t kLatencies = 32;

    // `at_ms` is Unix time. `latency_us` is how long the attempt took.
    void add(const ProbeResult& result, std::int64_t at_ms, std::uint32_t latency_us);
    void note_verdict_change() { since_ms_ = last_at_ms_; }

    // kNone without a reason: there was none yet.
    const ProbeResult& last() const { return last_; }
    std::int64_t last_at_ms() const { return last_at_ms_; }  // Unix time; 0: there was none yet
    // The time of the last change of the verdict, Unix time; 0: it is as it was before control
    // started, or there is none.
    std::int64_t since_ms() const { return since_ms_; }
    std::uint64_t count(ProbeResult::Kind kind) const {
        return counts_[static_cast<std::size_t>(kind)];
    }
    // Of all kinds but kNone.
    std::uint64_t count_judged() const {
        return count(ProbeResult::Kind::kGood) + count(ProbeResult::Kind::kUnreachable) +
               count(ProbeResult::Kind::kFailed);
    }
    // Of the last kLatencies good results; nullopt: there was none yet.
    std::optional<Latencies> latencies() const;

  private:
    ProbeResult last_ = {};
    std::int64_t last_at_ms_ = 0;
    std::int64_t since_ms_ = 0;
    std::array<std::uint64_t, abi::kEnumCount<ProbeResult::Kind>> counts_{};
    std::array<std::uint32_t, kLatencies> latencies_us_{};  // the oldest is overwritten by the next
};

}  // namespace vipfwd::health
