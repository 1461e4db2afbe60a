// SPDX-License-Identifier: Apache-2.0
// Real-time priorities (sched(7)) of the threads that must run on time on a busy machine: the
// workers, which forward and advertise, above control, which must notice a silent peer in time.
#pragma once

#include <sched.h>

namespace vipfwd::abi {

inline constexpr int kWorkerRealtimePriority = 2;
inline constexpr int kControlRealtimePriority = 1;

// Gives the calling thread real-time priority (SCHED_RR). False, with errno, if it lacks
// CAP_SYS_NICE. Threads and processes that it starts later do not inherit the priority.
inline bool request_realtime_priority(int priority) {
    const sched_param wanted{priority};
    return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &wanted) == 0;
}

}  // namespace vipfwd::abi
