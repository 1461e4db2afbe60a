// SPDX-License-Identifier: Apache-2.0
// Holds down a backend that goes up and down again and again: each time, connections begin there
// that soon fail. Good results restore it in any case, kMostHold_s late at most.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dataplane/abi/time_units.h"

namespace vipfwd::health {

// Times are of CLOCK_MONOTONIC.
class FlapDamper {
  public:
    // A backend that has been up for so long is stable: what was before is forgotten.
    static constexpr std::int64_t kStable_s = 60;
    // So many shorter times in a row are tolerated.
    static constexpr std::uint32_t kTolerated = 4;
    // The first hold; each further one is twice as long as the one before.
    static constexpr std::int64_t kFirstHold_s = 2;
    static constexpr std::int64_t kMostHold_s = 60;

    // Of times that are noted, which are rounded up.
    static constexpr std::int64_t kResolution_ns = kNanosecondsPerS / 10;

    void on_up(std::int64_t now_ns) { up_since_ns_ = now_ns; }

    void on_down(std::int64_t now_ns) {
        if (up_since_ns_ == 0 || now_ns - up_since_ns_ >= kStable_s * kNanosecondsPerS)
            short_times_ = 0;
        else
            ++short_times_;
        if (short_times_ <= kTolerated)
            return;
        const std::uint32_t doublings = std::min(short_times_ - kTolerated - 1, 10u);
        const std::int64_t hold_s = std::min(kFirstHold_s << doublings, kMostHold_s);
        held_until_ns_ = now_ns + hold_s * kNanosecondsPerS;
    }

    // Goes on from what another control has noted, whatever it says: no hold is longer than it can
    // be, and a time that is still to come is none.
    void resume_up(std::uint32_t short_times, std::int64_t since_ns, std::int64_t now_ns) {
        short_times_ = short_times;
        up_since_ns_ = since_ns <= now_ns + kResolution_ns ? since_ns : 0;
    }
    void resume_down(std::uint32_t short_times, std::int64_t held_until_ns, std::int64_t now_ns) {
        const std::int64_t latest_ns = now_ns + kMostHold_s * kNanosecondsPerS + kResolution_ns;
        short_times_ = short_times;
        held_until_ns_ = held_until_ns <= latest_ns ? held_until_ns : 0;
    }

    std::uint32_t short_times() const { return short_times_; }
    std::int64_t up_since_ns() const { return up_since_ns_; }
    std::int64_t held_until_ns() const { return held_until_ns_; }

    // While it is held down, good results do not count.
    bool is_holding(std::int64_t now_ns) const { return now_ns < held_until_ns_; }
    // For how many seconds it still is, rounded up; 0: it is not.
    std::int64_t hold_s(std::int64_t now_ns) const {
        const std::int64_t left_ns = std::max<std::int64_t>(held_until_ns_ - now_ns, 0);
        return (left_ns + kNanosecondsPerS - 1) / kNanosecondsPerS;
    }

  private:
    std::int64_t up_since_ns_ = 0;   // 0: it has been up since before this was known
    std::uint32_t short_times_ = 0;  // in a row, in which it was up
    std::int64_t held_until_ns_ = 0;
};

}  // namespace vipfwd::health
