// SPDX-License-Identifier: Apache-2.0
// How much of a worker's flow table the services hold, by the class of their flows.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/packet/flow_entry.h"

namespace vipfwd::packet {

class FlowShares {
  public:
    // The share of a class in entries, over which others may evict its unproven flows first, while
    // it may evict only its own, and has no more flows proven.
    void limit(std::uint64_t entries) { most_ = static_cast<std::int32_t>(entries); }
    std::int32_t most() const { return most_; }

    // Entries by class, whether live or not. They may exceed the share, as long as nobody else
    // needs the room.
    const std::array<std::int32_t, kFlowClasses>& held() const { return held_; }
    std::int32_t proven(std::uint8_t flow_class) const { return proven_[flow_class]; }

    bool has_share(std::uint8_t flow_class) const { return held_[flow_class] >= most_; }
    bool is_over(std::uint8_t flow_class) const { return held_[flow_class] > most_; }
    bool may_prove(std::uint8_t flow_class) const { return proven_[flow_class] < most_; }

    // Notes that an entry which is not free is written.
    void add(const FlowEntry& entry) { count(entry, 1); }
    // The same for an entry of an unproven flow.
    void add_unproven(std::uint8_t flow_class) { ++held_[flow_class]; }
    // Notes that an entry is freed or overwritten. Free entries do not count.
    void remove(const FlowEntry& entry) {
        if (state_of(entry) != FlowState::kFree)
            count(entry, -1);
    }

  private:
    void count(const FlowEntry& entry, std::int32_t by) {
        held_[class_of(entry.tag)] += by;
        if (is_proven(state_of(entry)))
            proven_[class_of(entry.tag)] += by;
    }

    std::int32_t most_ = 0;
    std::array<std::int32_t, kFlowClasses> held_{};
    std::array<std::int32_t, kFlowClasses> proven_{};
};

}  // namespace vipfwd::packet
