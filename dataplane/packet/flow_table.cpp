// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <iterator>
#include <utility>

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

// An entry that moves is written before it is freed, also as others see it.
void write(FlowEntry& entry, const FlowEntry& wanted) {
    std::atomic_ref(entry).store(wanted, std::memory_order_release);
}

// One that is free already is left alone, so that its cache line need not be written back.
void free(FlowEntry& entry) {
    if (state_of(entry) != FlowState::kFree)
        write(entry, {});
}

FlowEntry* find_in(FlowBucket& bucket, std::uint32_t tag, const FlowAge& age) {
    for (std::uint32_t left = matching(bucket, tag); left != 0; left &= left - 1) {
        FlowEntry& entry = bucket.entries[std::countr_zero(left)];
        if (age.is_live(entry))
            return &entry;
    }
    return nullptr;
}

// A free or timed-out entry, or null.
FlowEntry* room_in(FlowBucket& bucket, const FlowAge& age) {
    const std::uint32_t room = dead(bucket, age);
    return room == 0 ? nullptr : &bucket.entries[std::countr_zero(room)];
}

// What is forgotten for a new flow, or null.
FlowEntry* victim_in(FlowBucket& bucket, const FlowAge& age) {
    const std::uint32_t victim = longest_idle(bucket, age);
    return victim == std::size(bucket.entries) ? nullptr : &bucket.entries[victim];
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
    longest_of_all_ = units(timeouts.longest_s());
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

FlowTable::FlowTable(std::span<FlowBucket> buckets) : buckets_(buckets) {
    constexpr int kNearBits = std::countr_zero(kNearBuckets);
    other_ = {0, static_cast<std::uint32_t>(buckets.size() - 1)};
    first_ = buckets.size() > kNearBuckets ? Bits{32 - kNearBits, kNearBuckets - 1} : other_;
}

FlowPlace FlowTable::place(std::uint64_t hash, std::uint32_t salt) const {
    // For a tag, all buckets alike.
    const auto mixed = static_cast<std::uint32_t>(hash * abi::kHashOdd1 >> 32);
    return {first_.of(mixed), mixed, static_cast<std::uint32_t>(hash) ^ salt};
}

FlowEntry* FlowTable::find_first(const FlowPlace& place, const FlowAge& age) const {
    return find_in(buckets_[place.bucket], place.tag, age);
}

FlowEntry* FlowTable::find(const FlowPlace& place, const FlowAge& age) {
    FlowEntry* const first = find_first(place, age);
    const bool is_it = !others_.may_be || (first != nullptr && !may_be_former(*first, age));
    return is_it ? first : find_in_both(place, first, age);
}

// What begins a flow leaves a former one with the same addresses and ports in the other bucket,
// which may be the first one later: of two entries the one used last is the flow's. Nobody is
// looked for here without need, for a tag that is another flow's.
[[gnu::noinline]] FlowEntry* FlowTable::find_in_both(const FlowPlace& place, FlowEntry* first,
                                                     const FlowAge& age) {
    FlowEntry* const other = find_in(buckets_[other_of(place)], place.tag, age);
    if (other == nullptr || other == first)
        return first;
    const bool first_counts = first != nullptr && age.idle(*first) <= age.idle(*other);
    FlowEntry* const room = first != nullptr ? first : room_in(buckets_[place.bucket], age);
    if (room == nullptr) {
        others_.note(age);
        return other;
    }
    if (!first_counts)
        write(*room, *other);
    free(*other);
    return room;
}

bool FlowTable::has_candidate(const FlowPlace& place) const {
    return matching(buckets_[place.bucket], place.tag) != 0 ||
           (others_.may_be && matching(buckets_[other_of(place)], place.tag) != 0);
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

// The first bucket is looked at twice, for what moves there meanwhile.
std::optional<FlowEntry> FlowTable::peek(const FlowPlace& place, const FlowAge& age) const {
    std::optional<FlowEntry> newest;
    for (const std::uint32_t bucket : {place.bucket, other_of(place), place.bucket}) {
        for (FlowEntry& shared : buckets_[bucket].entries) {
            const FlowEntry entry = std::atomic_ref(shared).load(std::memory_order_acquire);
            if (entry.tag == place.tag && age.is_live(entry) &&
                (!newest || age.idle(entry) < age.idle(*newest)))
                newest = entry;
        }
    }
    return newest;
}

InsertOutcome FlowTable::insert(const FlowPlace& place, std::uint16_t backend, FlowState state,
                                const FlowAge& age) {
    const FlowEntry wanted{place.tag, backend, make_stamp(state, age.now())};
    FlowEntry* const room = room_in(buckets_[place.bucket], age);
    if (room == nullptr)
        return insert_crowded(place, wanted, age);
    write(*room, wanted);
    crowding_ -= crowding_ > 0 ? 1 : 0;
    return InsertOutcome::kInserted;
}

// There is no room in the first bucket. Nobody is forgotten while there is some in the other one.
[[gnu::noinline]] InsertOutcome FlowTable::insert_crowded(const FlowPlace& place, FlowEntry wanted,
                                                          const FlowAge& age) {
    FlowBucket& first = buckets_[place.bucket];
    FlowBucket& other = buckets_[other_of(place)];
    if (&other != &first) {
        crowd(age);
        FlowEntry* const former = find_in(other, place.tag, age);
        if (FlowEntry* const room = former != nullptr ? former : room_in(other, age)) {
            write(*room, wanted);
            return InsertOutcome::kInserted;
        }
    }
    FlowEntry* victim = victim_in(first, age);
    if (victim == nullptr)
        victim = victim_in(other, age);
    if (victim == nullptr)
        return InsertOutcome::kFull;
    write(*victim, wanted);
    return InsertOutcome::kEvicted;
}

// A flow is not where it is looked for first. A near table spreads when that goes on for more than
// one flow in 256: at some 5 flows to 2 buckets.
void FlowTable::crowd(const FlowAge& age) {
    constexpr std::uint32_t kOneIn = 256;
    constexpr std::uint32_t kMost = 16 * kOneIn;
    others_.note(age);
    if (is_spread())
        return;
    crowding_ += kOneIn;
    if (crowding_ > kMost)
        turn_over(age);
}

// From near to spread, or back.
void FlowTable::turn_over(const FlowAge& age) {
    std::swap(first_, other_);
    others_.note(age);
    formers_.note(age);
    crowding_ = 0;
}

void FlowTable::sweep(std::uint64_t count, const FlowAge& age) {
    for (; count > 0; --count) {
        FlowBucket& bucket = buckets_[sweep_next_];
        const std::uint32_t gone = dead(bucket, age);
        for (std::uint32_t left = gone; left != 0; left &= left - 1)
            free(bucket.entries[std::countr_zero(left)]);
        live_ += std::size(bucket.entries) - static_cast<std::size_t>(std::popcount(gone));
        if (++sweep_next_ == buckets_.size())
            end_round(age);
    }
}

// Of all buckets.
void FlowTable::end_round(const FlowAge& age) {
    constexpr std::uint64_t kFew = kNearBuckets;  // one a bucket
    others_.look(age);
    formers_.look(age);
    if (is_spread() && live_ <= kFew)
        turn_over(age);
    sweep_next_ = 0;
    live_ = 0;
}

}  // namespace vipfwd::packet
