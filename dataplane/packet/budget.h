// SPDX-License-Identifier: Apache-2.0
// Rate limits of one worker.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/abi/limits.h"

namespace vipfwd::packet {

// ICMP errors that a worker sends at most, as many as Linux does by default.
inline constexpr std::uint32_t kIcmpErrorsPerSecond = 1000;

// Rates are limited per step of time: the tenth of a second's rate that a step has may be used up
// at any time within the step.
inline constexpr std::uint64_t kBudgetStep_ms = 100;

class RateLimit {
  public:
    explicit RateLimit(std::uint32_t per_second) : per_second_(per_second) {}

    // Uses one unit of the current step. False if the step has none left.
    bool take(std::uint64_t now_ms) {
        const std::uint64_t step = now_ms / kBudgetStep_ms;
        if (step != step_) {
            step_ = step;
            used_ = 0;
        }
        if (used_ >= (per_second_ + 9) / 10)
            return false;
        ++used_;
        return true;
    }

  private:
    std::uint32_t per_second_;
    std::uint32_t used_ = 0;
    std::uint64_t step_ = 0;
};

// Limits how many new flows of each service are inserted into the flow table, so that a flood at
// one service leaves the table to the other services.
class FlowBudget {
  public:
    // Uses one unit of the service's current step; services are told apart by their counter. False
    // if the step has none left. `per_second` 0: no limit.
    bool take(std::uint32_t service_counter, std::uint32_t per_second, std::uint64_t now_ms) {
        if (per_second == 0)
            return true;
        Use& use = uses_[service_counter];
        const auto step = static_cast<std::uint32_t>(now_ms / kBudgetStep_ms);
        if (use.step != step)
            use = {step, 0};
        if (use.count >= (per_second + 9) / 10)
            return false;
        ++use.count;
        return true;
    }

  private:
    struct Use {
        std::uint32_t step = 0;
        std::uint32_t count = 0;
    };
    std::array<Use, abi::kMaxServices> uses_{};
};

}  // namespace vipfwd::packet
