// SPDX-License-Identifier: Apache-2.0
// The entry of a flow table, and how old one is.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/abi/enum.h"
#include "dataplane/abi/limits.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::packet {

// A flow is unproven until a packet of it comes kProofTime after its first ones. Packets are cheap
// for whoever floods, time is not: a full table evicts unproven flows only, the oldest first. The
// states of unproven flows are the odd numbers. flow_rules.h has the transitions.
enum class FlowState : std::uint16_t {
    kFree = 0,
    kOpening = 1,      // TCP, unproven: only SYNs seen
    kEstablished = 2,  // TCP, proven
    kClosing = 3,      // TCP, a FIN or RST seen; evicted like an unproven flow
    kUdp = 4,          // proven
    kYoung = 5,        // TCP, unproven: other packets than SYNs seen
    kYoungUdp = 7,     // unproven
    kLast = kYoungUdp,
};

// Always written as a whole, because other workers may read it at any time.
struct alignas(8) FlowEntry {
    std::uint32_t tag = 0;      // the class of the flow's service in the high 8 bits
    std::uint16_t backend = 0;  // index within the pool
    std::uint16_t stamp = 0;    // FlowState in the high 3 bits, below it the time that it began, or
                                // of a proven flow the time of its last packet
};

// The low bits of FlowEntry::stamp are the time, the other 3 bits the state.
inline constexpr std::uint32_t kFlowTimeBits = 13;
inline constexpr std::uint32_t kFlowTimeMask = (1u << kFlowTimeBits) - 1;
inline constexpr std::size_t kFlowStampStates = 1u << (16 - kFlowTimeBits);
static_assert(abi::kEnumCount<FlowState> <= kFlowStampStates);

inline constexpr std::uint32_t kFlowTimeUnit_s = 4;  // 13 bits of it wrap around after 9.1 hours

// In units of time. A flow is proven by a packet that comes more than 4 s after its stamp at the
// earliest, and 8 s after it at the latest.
inline constexpr std::uint32_t kProofTime = 2;

// Services with different classes have different tags, and their shares of the table are counted
// apart.
inline constexpr std::uint32_t kFlowClassShift = 24;
inline constexpr std::size_t kFlowClasses = 1u << (32 - kFlowClassShift);
static_assert(kFlowClasses == abi::kFlowClasses);

struct alignas(64) FlowBucket {
    FlowEntry entries[8];
};

static_assert(sizeof(FlowEntry) == 8 && sizeof(FlowBucket) == 64);

constexpr FlowState state_of(const FlowEntry& entry) {
    return static_cast<FlowState>(entry.stamp >> kFlowTimeBits);
}

// Of a state other than kFree.
constexpr bool is_proven(FlowState state) {
    return (static_cast<std::uint32_t>(state) & 1) == 0;
}
static_assert(is_proven(FlowState::kEstablished) && is_proven(FlowState::kUdp));
static_assert(!is_proven(FlowState::kOpening) && !is_proven(FlowState::kYoung) &&
              !is_proven(FlowState::kYoungUdp) && !is_proven(FlowState::kClosing));

constexpr std::uint8_t class_of(std::uint32_t tag) {
    return static_cast<std::uint8_t>(tag >> kFlowClassShift);
}

// What the tags of all flows of a service have in common.
constexpr std::uint32_t flow_tag_base(std::uint32_t pool_salt, std::uint8_t flow_class) {
    return (pool_salt & ((1u << kFlowClassShift) - 1)) | std::uint32_t{flow_class}
                                                             << kFlowClassShift;
}

constexpr std::uint16_t make_stamp(FlowState state, std::uint32_t time) {
    return static_cast<std::uint16_t>(static_cast<std::uint32_t>(state) << kFlowTimeBits |
                                      (time & kFlowTimeMask));
}

// Judges the age of entries at one time. Made once a burst.
class FlowAge {
  public:
    FlowAge(const abi::FlowTimeouts& timeouts, std::uint32_t now_s);

    // Times are in the unit of FlowEntry::stamp, and wrap around.
    std::uint32_t now() const { return now_; }
    std::uint32_t since(std::uint32_t time) const { return (now_ - time) & kFlowTimeMask; }
    std::uint32_t idle(const FlowEntry& entry) const { return since(entry.stamp); }
    // False for a free entry, and for one that has timed out. A flow whose pauses are not longer
    // than the timeout of its state is live.
    bool is_live(const FlowEntry& entry) const {
        return static_cast<std::int32_t>(idle(entry)) <=
               longest_idle_[entry.stamp >> kFlowTimeBits];
    }
    // The idle timeout by state. It is -1 for kFree: no free entry is live.
    const std::array<std::int32_t, kFlowStampStates>& longest_idle() const { return longest_idle_; }
    // True if an entry last used at `time` has timed out, whatever its state.
    bool is_over(std::uint32_t time) const {
        return static_cast<std::int32_t>(since(time)) >
               *std::max_element(longest_idle_.begin(), longest_idle_.end());
    }
    // True if a packet that neither opens nor closes its flow does not change the entry.
    bool is_settled(const FlowEntry& entry) const {
        return entry.stamp == established_now_ || static_cast<std::int32_t>(idle(entry)) <=
                                                      kLongestSettled[entry.stamp >> kFlowTimeBits];
    }

  private:
    // The first packets of an unproven flow, and packets after its end, leave its stamp.
    static constexpr std::array<std::int32_t, kFlowStampStates> kLongestSettled = [] {
        std::array<std::int32_t, kFlowStampStates> longest{};
        longest.fill(-1);
        for (const FlowState state : {FlowState::kEstablished, FlowState::kUdp})
            longest[static_cast<std::size_t>(state)] = 0;
        for (const FlowState state : {FlowState::kYoung, FlowState::kYoungUdp, FlowState::kClosing})
            longest[static_cast<std::size_t>(state)] = kProofTime - 1;
        return longest;
    }();

    std::uint32_t now_;
    std::uint16_t established_now_;
    alignas(32) std::array<std::int32_t, kFlowStampStates> longest_idle_;
};

}  // namespace vipfwd::packet
