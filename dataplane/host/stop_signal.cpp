// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/stop_signal.h"

#include <signal.h>

#include <atomic>

namespace vipfwd::host {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler stores to it");

void request_stop(int) {
    requested.store(true, std::memory_order_relaxed);
}

}  // namespace

void catch_stop_signals() {
    struct sigaction action {};
    action.sa_handler = request_stop;
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaction(number, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);  // stdout or stderr may be a closed pipe
}

bool stop_requested() {
    return requested.load(std::memory_order_relaxed);
}

}  // namespace vipfwd::host
