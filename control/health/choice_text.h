// SPDX-License-Identifier: Apache-2.0
// What operators have chosen for backends, as the text of a file that outlives a reboot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "control/health/admin.h"
#include "dataplane/abi/result.h"

namespace vipfwd::health {

// One moment by both clocks, in seconds: deadlines are of CLOCK_BOOTTIME, which begins anew with
// each boot, and are Unix time in the text.
struct ClockPair {
    std::uint32_t boottime_s = 0;
    std::int64_t unix_s = 0;
};

// {"choices": [{"pool", "address", "state": "ready" | "drain" | "maint",
//   "flows_move_at": Unix time, "weight": null | N}]}
std::string to_text(const AdminChoices& choices, const ClockPair& now);

// The same choices at another moment. An error if `text` is not of that form.
Result<AdminChoices> parse_choices(std::string_view text, const ClockPair& now);

}  // namespace vipfwd::health
