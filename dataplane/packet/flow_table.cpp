// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_table.h"

#include <algorithm>
#include <bit>

#include "dataplane/abi/hash.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kTimeBits = 13;
constexpr std::uint32_t kTimeMask = (1u << kTimeBits) - 1;
constexpr std::uint32_t kTimeUnit_s = 4;  // 13 bits of it wrap after 9.1 hours

static_assert(abi::kFlowMemory_s < (kTimeMask + 1) * kTimeUnit_s,
              "an entry is swept before its time wraps");

std::uint16_t make_stamp(FlowState state, std::uint32_t now_s) {
    const std::uint32_t time = (now_s / kTimeUnit_s) & kTimeMask;
    return static_cast<std::uint16_t>(static_cast<std::uint32_t>(state) << kTimeBits | time);
}

std::uint32_t idle_s(const FlowEntry& entry, std::uint32_t now_s) {
    return ((now_s / kTimeUnit_s - entry.stamp) & kTimeMask) * kTimeUnit_s;
}

std::uint32_t timeout_s(FlowState state) {
    switch (state) {
        case FlowState::kFree:
            return 0;
        case FlowState::kHalfOpen:
        case FlowState::kClosing:
            return abi::kTransitoryTimeout_s;
        case FlowState::kEstablished:
            return abi::kEstablishedTimeout_s;
        case FlowState::kUdp:
            return abi::kUdpTimeout_s;
    }
    return 0;
}

bool is_live(const FlowEntry& entry, std::uint32_t now_s) {
    const FlowState state = state_of(entry);
    return state != FlowState::kFree && idle_s(entry, now_s) <= timeout_s(state);
}

bool is_evictable(const FlowEntry& entry) {
    return state_of(entry) == FlowState::kHalfOpen || state_of(entry) == FlowState::kClosing;
}

}  // namespace

FlowState state_of(const FlowEntry& entry) {
    return static_cast<FlowState>(entry.stamp >> kTimeBits);
}

void touch(FlowEntry& entry, FlowState state, std::uint32_t now_s) {
    entry.stamp = make_stamp(state, now_s);
}

std::uint64_t FlowTable::bucket_count(std::uint64_t flows) {
    constexpr std::uint64_t kEntriesPerBucket = 8;
    return std::bit_ceil(std::max<std::uint64_t>(1, 2 * flows / kEntriesPerBucket));
}

FlowPlace FlowTable::place(std::uint64_t hash, std::uint32_t salt) const {
    const std::uint64_t mixed = abi::mix(hash, abi::kHashOdd1);
    return {mixed & (buckets_.size() - 1), static_cast<std::uint32_t>(hash) ^ salt};
}

FlowEntry* FlowTable::find(const FlowPlace& place, std::uint32_t now_s) const {
    for (FlowEntry& entry : buckets_[place.bucket].entries) {
        if (entry.tag == place.tag && is_live(entry, now_s))
            return &entry;
    }
    return nullptr;
}

PinOutcome FlowTable::pin(const FlowPlace& place, std::uint16_t backend, FlowState state,
                          std::uint32_t now_s) const {
    const FlowEntry wanted{place.tag, backend, make_stamp(state, now_s)};
    if (FlowEntry* known = find(place, now_s); known != nullptr) {
        *known = wanted;
        return PinOutcome::kUpdated;
    }
    FlowEntry* victim = nullptr;
    for (FlowEntry& entry : buckets_[place.bucket].entries) {
        if (!is_live(entry, now_s)) {
            entry = wanted;
            return PinOutcome::kInserted;
        }
        if (is_evictable(entry) && (!victim || idle_s(entry, now_s) > idle_s(*victim, now_s)))
            victim = &entry;
    }
    if (victim == nullptr)
        return PinOutcome::kFull;
    *victim = wanted;
    return PinOutcome::kEvicted;
}

void FlowTable::sweep(std::uint64_t count, std::uint32_t now_s) {
    for (; count > 0; --count) {
        for (FlowEntry& entry : buckets_[sweep_next_].entries) {
            if (!is_live(entry, now_s))
                entry = {};
        }
        sweep_next_ = (sweep_next_ + 1) & (buckets_.size() - 1);
    }
}

}  // namespace vipfwd::packet
