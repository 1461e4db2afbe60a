// SPDX-License-Identifier: Apache-2.0
// The verdict of a repeated probe: single results may be wrong, so that several in a row decide
// (hysteresis). Health checks of backends use it, and tracked scripts and processes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/enum.h"

namespace vipfwd::health {

enum class Verdict { kUnknown, kGood, kBad, kLast = kBad };

inline constexpr std::array kVerdictNames = {
    abi::EnumWord{Verdict::kUnknown, "unknown"},
    abi::EnumWord{Verdict::kGood, "good"},
    abi::EnumWord{Verdict::kBad, "bad"},
};
static_assert(abi::is_indexed_by(kVerdictNames));

constexpr std::string_view name(Verdict verdict) {
    return kVerdictNames[static_cast<std::size_t>(verdict)].word;
}

class RiseFall {
  public:
    // `rise` good results in a row change the verdict to good, `fall` bad ones to bad. The very
    // first result decides alone.
    RiseFall(std::uint32_t rise, std::uint32_t fall) : rise_(rise), fall_(fall) {}

    // Goes on from a verdict of before, after which there were so many contrary results in a row.
    void resume(Verdict verdict, std::uint32_t contrary_results) {
        verdict_ = verdict;
        contrary_results_ = contrary_results;
    }

    void add(bool is_good) {
        const Verdict result = is_good ? Verdict::kGood : Verdict::kBad;
        contrary_results_ = result == verdict_ ? 0 : contrary_results_ + 1;
        if (verdict_ == Verdict::kUnknown || contrary_results_ >= (is_good ? rise_ : fall_)) {
            verdict_ = result;
            contrary_results_ = 0;
        }
    }

    Verdict verdict() const { return verdict_; }
    std::uint32_t contrary_results() const { return contrary_results_; }  // in a row

  private:
    std::uint32_t rise_;
    std::uint32_t fall_;
    Verdict verdict_ = Verdict::kUnknown;
    std::uint32_t contrary_results_ = 0;  // in a row, against the verdict
};

}  // namespace vipfwd::health
