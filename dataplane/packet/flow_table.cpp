// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <iterator>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/flow_match.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kTimeUnit_s = 4;  // 13 bits of it wrap after 9.1 hours

static_assert(abi::kMaxFlowTimeout_s + abi::kFlowSweepPeriod_s < (kFlowTimeMask + 1) * kTimeUnit_s,
              "an entry is swept before its time wraps");
static_assert(std::atomic_ref<FlowEntry>::is_always_lock_free);

std::uint16_t make_stamp(FlowState state, std::uint32_t now) {
    return static_cast<std::uint16_t>(static_cast<std::uint32_t>(state) << kFlowTimeBits |
                                      (now & kFlowTimeMask));
}

void write(FlowEntry& entry, const FlowEntry& wanted) {
    std::atomic_ref(entry).store(wanted, std::memory_order_relaxed);
}

// One that is free already is left alone, so that its cache line need not be written back.
void free(FlowEntry& entry) {
    if (state_of(entry) != FlowState::kFree)
        write(entry, {});
}

}  // namespace

FlowAge::FlowAge(const abi::FlowTimeouts& timeouts, std::uint32_t now_s)
    : now_(now_s / kTimeUnit_s), established_now_(make_stamp(FlowState::kEstablished, now_)) {
    const auto units = [](std::uint16_t timeout_s) {
        return static_cast<std::int32_t>(timeout_s / kTimeUnit_s);
    };
    longest_idle_.fill(-1);
    longest_idle_[static_cast<std::size_t>(FlowState::kOpening)] = units(timeouts.opening_s);
    longest_idle_[static_cast<std::size_t>(FlowState::kEstablished)] =
        units(timeouts.established_s);
    longest_idle_[static_cast<std::size_t>(FlowState::kClosing)] = units(timeouts.closing_s);
    longest_idle_[static_cast<std::size_t>(FlowState::kUdp)] = units(timeouts.udp_s);
}

// Time has a coarse unit, so that most packets of a flow find its entry as it is to be, and its
// cache line need not be written back.
void update(FlowEntry& entry, std::uint16_t backend, FlowState state, const FlowAge& age) {
    const std::uint16_t stamp = make_stamp(state, age.now());
    if (entry.backend != backend || entry.stamp != stamp)
        write(entry, {entry.tag, backend, stamp});
}

std::uint64_t FlowTable::bucket_count(std::uint64_t flows) {
    constexpr std::uint64_t kEntriesPerBucket = 8;
    return std::bit_ceil(std::max<std::uint64_t>(1, 2 * flows / kEntriesPerBucket));
}

FlowPlace FlowTable::place(std::uint64_t hash, std::uint32_t salt) const {
    const std::uint64_t mixed = hash * abi::kHashOdd1 >> 32;  // for a tag, all buckets alike
    return {mixed & (buckets_.size() - 1), static_cast<std::uint32_t>(hash) ^ salt};
}

FlowEntry* FlowTable::find(const FlowPlace& place, const FlowAge& age) const {
    FlowBucket& bucket = buckets_[place.bucket];
    for (std::uint32_t left = matching(bucket, place.tag); left != 0; left &= left - 1) {
        FlowEntry& entry = bucket.entries[std::countr_zero(left)];
        if (age.is_live(entry))
            return &entry;
    }
    return nullptr;
}

std::optional<FlowEntry> FlowTable::peek(const FlowPlace& place, const FlowAge& age) const {
    for (FlowEntry& shared : buckets_[place.bucket].entries) {
        const FlowEntry entry = std::atomic_ref(shared).load(std::memory_order_relaxed);
        if (entry.tag == place.tag && age.is_live(entry))
            return entry;
    }
    return std::nullopt;
}

bool FlowTable::has_candidate(const FlowPlace& place) const {
    return matching(buckets_[place.bucket], place.tag) != 0;
}

// Only the first entry with the tag: two with the same are rare.
const FlowEntry* FlowTable::find_used_now(const FlowPlace& place, const FlowAge& age) const {
    const FlowBucket& bucket = buckets_[place.bucket];
    const std::uint32_t found = matching(bucket, place.tag);
    if (found == 0)
        return nullptr;
    const FlowEntry& entry = bucket.entries[std::countr_zero(found)];
    return age.is_established_now(entry) ? &entry : nullptr;
}

InsertOutcome FlowTable::insert(const FlowPlace& place, std::uint16_t backend, FlowState state,
                                const FlowAge& age) const {
    const FlowEntry wanted{place.tag, backend, make_stamp(state, age.now())};
    FlowBucket& bucket = buckets_[place.bucket];
    if (const std::uint32_t room = dead(bucket, age); room != 0) {
        write(bucket.entries[std::countr_zero(room)], wanted);
        return InsertOutcome::kInserted;
    }
    const std::uint32_t victim = longest_idle(bucket, age);
    if (victim == std::size(bucket.entries))
        return InsertOutcome::kFull;
    write(bucket.entries[victim], wanted);
    return InsertOutcome::kEvicted;
}

void FlowTable::sweep(std::uint64_t count, const FlowAge& age) {
    for (; count > 0; --count) {
        FlowBucket& bucket = buckets_[sweep_next_];
        for (std::uint32_t left = dead(bucket, age); left != 0; left &= left - 1)
            free(bucket.entries[std::countr_zero(left)]);
        sweep_next_ = (sweep_next_ + 1) & (buckets_.size() - 1);
    }
}

}  // namespace vipfwd::packet
