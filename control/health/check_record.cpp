// SPDX-License-Identifier: Apache-2.0
#include "control/health/check_record.h"

#include <algorithm>

namespace vipfwd::health {

void CheckRecord::add(const ProbeResult& result, std::int64_t at_ms, std::uint32_t latency_us) {
    const std::uint64_t number = counts_[static_cast<std::size_t>(result.kind)]++;
    if (result.is_good())
        latencies_us_[number % kLatencies] = latency_us;
    last_ = result;
    last_at_ms_ = at_ms;
}

std::optional<Latencies> CheckRecord::latencies() const {
    const std::uint64_t good = count(ProbeResult::Kind::kGood);
    if (good == 0)
        return std::nullopt;
    auto sorted = latencies_us_;
    const std::size_t count = std::min<std::uint64_t>(good, kLatencies);
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
    return Latencies{.last_us = latencies_us_[(good - 1) % kLatencies],
                     .p50_us = sorted[count / 2],
                     .p99_us = sorted[count * 99 / 100]};
}

}  // namespace vipfwd::health
