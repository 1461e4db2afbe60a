// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/queue_wait.h"

#include <algorithm>

namespace vipfwd::path {

void QueueWait::clear() {
    wait_.clear();
    armed_.clear();
    can_wait_ = true;
}

void QueueWait::add(std::uint16_t device, std::uint16_t queue, QueueWakeup wakeup) {
    if (wakeup.fd < 0) {
        can_wait_ = false;
        return;
    }
    wait_.add(wakeup.fd, wakeup.kind);
    if (wakeup.needs_arming)
        armed_.push_back({device, queue});
}

bool QueueWait::arm() {
    return std::ranges::all_of(
        armed_, [this](const Queue& one) { return wire_.arm(one.device, one.queue); });
}

void QueueWait::disarm() {
    for (const Queue& one : armed_)
        wire_.disarm(one.device, one.queue);
}

}  // namespace vipfwd::path
