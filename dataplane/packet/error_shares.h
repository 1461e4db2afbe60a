// SPDX-License-Identifier: Apache-2.0
// Limits the ICMP errors of a worker, so that no sender can use up the answers that others need for
// path MTU discovery. A source has a small share of each second. Half of the errors of each step
// (see budget.h) are kept for flows that have lasted, because whoever forges sources has as many
// shares as it likes, but no time.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/budget.h"

namespace vipfwd::packet {

// ICMP errors that a worker sends at most, as many as Linux does by default.
inline constexpr std::uint32_t kIcmpErrorsPerSecond = 1000;
inline constexpr std::uint32_t kIcmpErrorsPerSecondAndSource = 40;

class ErrorShares {
  public:
    // Uses one unit of the source's share and of the current step. False if there is none left.
    // Sources are told apart by `source_hash`; two of them share a share by chance, but not in the
    // next second.
    bool take(std::uint64_t source_hash, bool is_proven, std::uint64_t now_ms) {
        Share& share = share_of(source_hash, now_ms / 1000);
        if (now_ms / kBudgetStep_ms != step_) {
            step_ = now_ms / kBudgetStep_ms;
            used_ = 0;
            used_by_unproven_ = 0;
        }
        if (share.used >= kIcmpErrorsPerSecondAndSource || used_ >= kPerStep ||
            (!is_proven && used_by_unproven_ >= kPerStep / 2))
            return false;
        ++share.used;
        ++used_;
        used_by_unproven_ += is_proven ? 0 : 1;
        return true;
    }

  private:
    static constexpr std::uint32_t kPerStep =
        kIcmpErrorsPerSecond / static_cast<std::uint32_t>(1000 / kBudgetStep_ms);
    static constexpr std::uint32_t kShares = 1024;  // a power of two

    struct Share {
        std::uint32_t second = 0;  // in which `used` was counted
        std::uint32_t used = 0;
    };

    Share& share_of(std::uint64_t source_hash, std::uint64_t second) {
        const std::uint64_t place = abi::mix(source_hash ^ abi::kHashOdd1, second ^ abi::kHashOdd2);
        Share& share = shares_[place & (kShares - 1)];
        if (share.second != static_cast<std::uint32_t>(second))
            share = {static_cast<std::uint32_t>(second), 0};
        return share;
    }

    std::uint64_t step_ = 0;
    std::uint32_t used_ = 0;
    std::uint32_t used_by_unproven_ = 0;
    std::array<Share, kShares> shares_{};
};

}  // namespace vipfwd::packet
