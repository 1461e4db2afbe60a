// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_table.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "dataplane/abi/hash.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kTimeBits = 13;
constexpr std::uint32_t kTimeMask = (1u << kTimeBits) - 1;
constexpr std::uint32_t kTimeUnit_s = 4;  // 13 bits of it wrap after 9.1 hours

static_assert(abi::kMaxFlowTimeout_s + abi::kFlowSweepPeriod_s < (kTimeMask + 1) * kTimeUnit_s,
              "an entry is swept before its time wraps");
static_assert(std::atomic_ref<FlowEntry>::is_always_lock_free);

std::uint16_t make_stamp(FlowState state, std::uint32_t now_s) {
    const std::uint32_t time = (now_s / kTimeUnit_s) & kTimeMask;
    return static_cast<std::uint16_t>(static_cast<std::uint32_t>(state) << kTimeBits | time);
}

std::uint32_t idle_s(const FlowEntry& entry, std::uint32_t now_s) {
    return ((now_s / kTimeUnit_s - entry.stamp) & kTimeMask) * kTimeUnit_s;
}

std::uint32_t timeout_s(FlowState state, const abi::FlowTimeouts& timeouts) {
    switch (state) {
        case FlowState::kFree:
            return 0;
        case FlowState::kOpening:
            return timeouts.opening_s;
        case FlowState::kEstablished:
            return timeouts.established_s;
        case FlowState::kClosing:
            return timeouts.closing_s;
        case FlowState::kUdp:
            return timeouts.udp_s;
    }
    return 0;
}

bool is_live(const FlowEntry& entry, const FlowAge& age) {
    const FlowState state = state_of(entry);
    return state != FlowState::kFree && idle_s(entry, age.now_s) <= timeout_s(state, age.timeouts);
}

bool is_evictable(const FlowEntry& entry) {
    return state_of(entry) == FlowState::kOpening || state_of(entry) == FlowState::kClosing;
}

void write(FlowEntry& entry, const FlowEntry& wanted) {
    std::atomic_ref(entry).store(wanted, std::memory_order_relaxed);
}

}  // namespace

FlowState state_of(const FlowEntry& entry) {
    return static_cast<FlowState>(entry.stamp >> kTimeBits);
}

void update(FlowEntry& entry, std::uint16_t backend, FlowState state, std::uint32_t now_s) {
    write(entry, {entry.tag, backend, make_stamp(state, now_s)});
}

std::uint64_t FlowTable::bucket_count(std::uint64_t flows) {
    constexpr std::uint64_t kEntriesPerBucket = 8;
    return std::bit_ceil(std::max<std::uint64_t>(1, 2 * flows / kEntriesPerBucket));
}

FlowPlace FlowTable::place(std::uint64_t hash, std::uint32_t salt) const {
    const std::uint64_t mixed = abi::mix(hash, abi::kHashOdd1);
    return {mixed & (buckets_.size() - 1), static_cast<std::uint32_t>(hash) ^ salt};
}

FlowEntry* FlowTable::find(const FlowPlace& place, const FlowAge& age) const {
    for (FlowEntry& entry : buckets_[place.bucket].entries) {
        if (entry.tag == place.tag && is_live(entry, age))
            return &entry;
    }
    return nullptr;
}

std::optional<FlowEntry> FlowTable::peek(const FlowPlace& place, const FlowAge& age) const {
    for (FlowEntry& shared : buckets_[place.bucket].entries) {
        const FlowEntry entry = std::atomic_ref(shared).load(std::memory_order_relaxed);
        if (entry.tag == place.tag && is_live(entry, age))
            return entry;
    }
    return std::nullopt;
}

InsertOutcome FlowTable::insert(const FlowPlace& place, std::uint16_t backend, FlowState state,
                                const FlowAge& age) const {
    const FlowEntry wanted{place.tag, backend, make_stamp(state, age.now_s)};
    FlowEntry* victim = nullptr;
    for (FlowEntry& entry : buckets_[place.bucket].entries) {
        if (!is_live(entry, age)) {
            write(entry, wanted);
            return InsertOutcome::kInserted;
        }
        if (is_evictable(entry) &&
            (!victim || idle_s(entry, age.now_s) > idle_s(*victim, age.now_s)))
            victim = &entry;
    }
    if (victim == nullptr)
        return InsertOutcome::kFull;
    write(*victim, wanted);
    return InsertOutcome::kEvicted;
}

void FlowTable::sweep(std::uint64_t count, const FlowAge& age) {
    for (; count > 0; --count) {
        for (FlowEntry& entry : buckets_[sweep_next_].entries) {
            if (!is_live(entry, age))
                write(entry, {});
        }
        sweep_next_ = (sweep_next_ + 1) & (buckets_.size() - 1);
    }
}

}  // namespace vipfwd::packet
