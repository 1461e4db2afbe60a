// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace vipfwd::bench {

// A histogram of latencies with a resolution of 1/64 of each value, small enough to stay in a
// cache.
class Latencies {
  public:
    void add(std::uint64_t ticks) {
        ++counts_[bucket(ticks)];
        ++total_;
    }

    // The latency that `share` of all samples do not exceed; 0 without samples.
    std::uint64_t quantile(double share) const {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > wanted || (seen == total_ && seen > 0))
                return value(i);
        }
        return 0;
    }

  private:
    static constexpr std::size_t kSteps = 64;  // for each power of two
    static constexpr int kStepBits = 7;        // smaller numbers are kept exactly

    static std::size_t bucket(std::uint64_t ticks) {
        const int shift = std::max(0, static_cast<int>(std::bit_width(ticks)) - kStepBits);
        return static_cast<std::size_t>(shift) * kSteps + static_cast<std::size_t>(ticks >> shift);
    }

    static std::uint64_t value(std::size_t bucket) {
        const std::size_t shift = bucket < 2 * kSteps ? 0 : bucket / kSteps - 1;
        return static_cast<std::uint64_t>(bucket - shift * kSteps) << shift;
    }

    std::array<std::uint64_t, kSteps*(64 - kStepBits + 2)> counts_{};
    std::uint64_t total_ = 0;
};

}  // namespace vipfwd::bench
