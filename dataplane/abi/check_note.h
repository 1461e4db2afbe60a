// SPDX-License-Identifier: Apache-2.0
// Check notes: how far each health check is towards its next verdict, and how often its backend has
// flapped. The tables have the verdict itself. Only control writes and reads them: one that adopts
// a region goes on from what its predecessor noted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "dataplane/abi/shared.h"

namespace vipfwd::abi {

// The word in CheckNote::progress.
struct CheckProgress {
    std::uint8_t verdict = 0;      // health::Verdict; 0: there is no note
    std::uint8_t short_times = 0;  // in a row, in which the backend was up
    std::uint16_t contrary = 0;    // results in a row, against the verdict
    // CLOCK_MONOTONIC, in tenths of a second. While it is up: since when; while it is down: until
    // when good results do not count. 0: not known, or never.
    std::uint32_t at_ds = 0;

    static constexpr CheckProgress unpack(std::uint64_t word) {
        return {static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(word >> 8),
                static_cast<std::uint16_t>(word >> 16), static_cast<std::uint32_t>(word >> 32)};
    }
    constexpr std::uint64_t pack() const {
        return std::uint64_t{verdict} | std::uint64_t{short_times} << 8 |
               std::uint64_t{contrary} << 16 | std::uint64_t{at_ds} << 32;
    }
    friend constexpr bool operator==(const CheckProgress&, const CheckProgress&) = default;
};

// `control: rw`. Each word is written at once, so that a control that is killed leaves no half.
struct CheckNote {
    SharedWord digest;    // of the check (control/health/target_digest.h); 0: unused
    SharedWord progress;  // CheckProgress
};

static_assert(sizeof(CheckNote) == 16 && offsetof(CheckNote, progress) == 8);
static_assert(std::is_standard_layout_v<CheckNote>);

}  // namespace vipfwd::abi
