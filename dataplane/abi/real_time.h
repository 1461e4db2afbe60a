// SPDX-License-Identifier: Apache-2.0
// Who goes first on a busy machine: workers, since they forward and advertise; then control, which
// must notice in time that others fall silent; then all else. See sched(7).
#pragma once

#include <sched.h>

namespace vipfwd::abi {

inline constexpr int kWorkerUrgency = 2;
inline constexpr int kControlUrgency = 1;

// Gives the calling thread real-time priority. False, with errno, if it may not have it (that takes
// CAP_SYS_NICE). What it starts later is not as urgent.
inline bool become_urgent(int urgency) {
    const sched_param wanted{urgency};
    return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &wanted) == 0;
}

}  // namespace vipfwd::abi
