// SPDX-License-Identifier: Apache-2.0
// Whether something holds that is examined again and again, when single results are not to be
// trusted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/enum.h"

namespace vipfwd::gateway {

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
    // So many good (bad) results in a row until it is good (bad). The first result counts at once.
    RiseFall(std::uint32_t rise, std::uint32_t fall) : rise_(rise), fall_(fall) {}

    void note(bool good) {
        const Verdict result = good ? Verdict::kGood : Verdict::kBad;
        against_ = result == verdict_ ? 0 : against_ + 1;
        if (verdict_ == Verdict::kUnknown || against_ >= (good ? rise_ : fall_)) {
            verdict_ = result;
            against_ = 0;
        }
    }

    Verdict verdict() const { return verdict_; }

  private:
    std::uint32_t rise_;
    std::uint32_t fall_;
    Verdict verdict_ = Verdict::kUnknown;
    std::uint32_t against_ = 0;  // results in a row that are not what the verdict says
};

}  // namespace vipfwd::gateway
