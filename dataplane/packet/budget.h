// SPDX-License-Identifier: Apache-2.0
// Rate limits of one worker.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "dataplane/abi/enum.h"
#include "dataplane/abi/limits.h"
#include "dataplane/packet/unpinned_flows.h"

namespace vipfwd::packet {

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

// Limits how many new flows of each service are inserted into the flow table in place of others, so
// that those inserted stay long enough to be proven. A token bucket, filled at the rate limit, that
// holds what the service may use in a second. Each quarter of it is a reserve: for flows with that
// much Evidence, or more. So a flood takes no tokens from flows that prove more than its own. A
// flow that proves nothing takes two tokens, so that in most floods those inserted stay twice as
// long.
class FlowBudget {
  public:
    // Uses tokens of the service; services are told apart by their counter. False if what is
    // left is reserved for flows with more evidence. `per_second` 0: no limit.
    bool take(std::uint32_t service_counter, Evidence evidence, std::uint32_t per_second,
              std::uint64_t now_ms) {
        if (per_second == 0)
            return true;
        Tokens& tokens = tokens_[service_counter];
        if (now_ms != tokens.filled_ms)
            fill(tokens, per_second, now_ms);
        const auto reserves =
            static_cast<std::uint64_t>(Evidence::kLast) - static_cast<std::uint64_t>(evidence);
        const std::uint64_t reserved = reserves * per_second * (kParts / kShares);
        const std::uint64_t wanted =
            evidence >= Evidence::kHandshake || per_second == 1 ? kParts : 2 * kParts;
        if (tokens.parts < wanted || tokens.parts <= reserved)
            return false;
        tokens.parts -= wanted;
        return true;
    }

  private:
    // A token is kParts parts, so that each ms fills in a whole number of them.
    static constexpr std::uint64_t kParts = 1000;
    static constexpr std::uint64_t kLongestFill_ms = 1000;
    static constexpr std::uint64_t kShares = abi::kEnumCount<Evidence>;
    static_assert(kParts % kShares == 0);

    struct Tokens {
        std::uint64_t filled_ms = 0;
        std::uint64_t parts = 0;
    };

    static void fill(Tokens& tokens, std::uint64_t per_second, std::uint64_t now_ms) {
        const std::uint64_t elapsed_ms = std::min(now_ms - tokens.filled_ms, kLongestFill_ms);
        tokens.filled_ms = now_ms;
        tokens.parts = std::min(tokens.parts + elapsed_ms * per_second, per_second * kParts);
    }

    std::array<Tokens, abi::kMaxServices> tokens_{};
};

}  // namespace vipfwd::packet
