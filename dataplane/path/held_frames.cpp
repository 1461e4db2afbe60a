// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/held_frames.h"

#include <algorithm>

namespace vipfwd::path {

// Reserves all memory now: a running worker must not allocate.
HeldFrames::HeldFrames() {
    waiting_.reserve(kHeldFrames);
    due_.reserve(kHeldFrames);
}

bool HeldFrames::hold(const HeldFrame& frame) {
    if (count() >= kHeldFrames)
        return false;
    waiting_.push_back(frame);
    return true;
}

void HeldFrames::find_due(const packet::FragmentTable& fragments, std::uint64_t now_ms) {
    using HeldState = packet::FragmentTable::HeldState;
    const auto is_due = [&](const HeldFrame& frame) {
        return fragments.held_state(frame.entry, frame.serial, now_ms) != HeldState::kWaiting;
    };
    auto kept = waiting_.begin();
    for (const HeldFrame& frame : waiting_) {
        if (is_due(frame))
            due_.push_back(frame);
        else
            *kept++ = frame;
    }
    waiting_.erase(kept, waiting_.end());
}

void HeldFrames::displace(packet::FragmentTable& fragments, std::uint32_t entry,
                          std::uint64_t now_ms) {
    std::uint32_t displaced = 0;
    for (const HeldFrame& frame : waiting_) {
        if (displaced == kDisplaced)
            return;
        if (!fragments.is_alone(frame.entry, frame.serial, now_ms))
            continue;
        fragments.evict(frame.entry, frame.serial);
        ++displaced;
    }
    if (displaced > 0)
        return;
    const auto other = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const HeldFrame& one) { return one.entry != entry; });
    if (other != waiting_.end())
        fragments.evict(other->entry, other->serial);
}

std::uint32_t HeldFrames::take_due(std::span<HeldFrame> to) {
    const std::size_t taken = std::min(to.size(), due_.size());
    const auto end = due_.begin() + static_cast<std::ptrdiff_t>(taken);
    std::copy(due_.begin(), end, to.begin());
    due_.erase(due_.begin(), end);
    return static_cast<std::uint32_t>(taken);
}

}  // namespace vipfwd::path
