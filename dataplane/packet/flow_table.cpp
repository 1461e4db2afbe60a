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

constexpr std::uint32_t kTimeUnit_s = 4;  // 13 bits of this unit wrap around after 9.1 hours

static_assert(abi::kMaxFlowTimeout_s + abi::kFlowSweepPeriod_s < (kFlowTimeMask + 1) * kTimeUnit_s,
              "an entry is swept before its time wraps");
static_assert(std::atomic_ref<FlowEntry>::is_always_lock_free);

std::uint16_t make_stamp(FlowState state, std::uint32_t now) {
    return static_cast<std::uint16_t>(static_cast<std::uint32_t>(state) << kFlowTimeBits |
                                      (now & kFlowTimeMask));
}

// Release order: when an entry moves, other workers see its copy before the original is freed.
void write(FlowEntry& entry, const FlowEntry& wanted) {
    std::atomic_ref(entry).store(wanted, std::memory_order_release);
}

// Does not write to an entry that is free already, so that its cache line stays clean.
void free(FlowEntry& entry) {
    if (state_of(entry) != FlowState::kFree)
        write(entry, {});
}

FlowEntry* find_in(FlowBucket& bucket, std::uint32_t tag, const FlowAge& age) {
    for (std::uint32_t left = entries_with_tag(bucket, tag); left != 0; left &= left - 1) {
        FlowEntry& entry = bucket.entries[std::countr_zero(left)];
        if (age.is_live(entry))
            return &entry;
    }
    return nullptr;
}

// A free or timed-out entry, or null.
FlowEntry* find_room(FlowBucket& bucket, const FlowAge& age) {
    const std::uint32_t room = dead_entries(bucket, age);
    return room == 0 ? nullptr : &bucket.entries[std::countr_zero(room)];
}

// The entry to evict for a new flow, or null. Requires a bucket of live entries.
FlowEntry* find_victim(FlowBucket& bucket, const FlowAge& age) {
    const std::uint32_t victim = longest_idle_entry(bucket, age);
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

// Most packets of a flow do not change its entry, because the unit of time is coarse: then the
// cache line stays clean.
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
    constexpr int kCompactBits = std::countr_zero(kCompactBuckets);
    alternate_ = {0, static_cast<std::uint32_t>(buckets.size() - 1)};
    first_ = buckets.size() > kCompactBuckets ? Bits{32 - kCompactBits, kCompactBuckets - 1}
                                              : alternate_;
}

FlowPlace FlowTable::place(std::uint64_t hash, std::uint32_t salt) const {
    // Flows with equal tags are spread evenly over all buckets.
    const auto mixed = static_cast<std::uint32_t>(hash * abi::kHashOdd1 >> 32);
    return {first_.of(mixed), mixed, static_cast<std::uint32_t>(hash) ^ salt};
}

FlowEntry* FlowTable::find_first(const FlowPlace& place, const FlowAge& age) const {
    return find_in(buckets_[place.bucket], place.tag, age);
}

FlowEntry* FlowTable::find(const FlowPlace& place, const FlowAge& age) {
    FlowEntry* const first = find_first(place, age);
    const bool is_certain =
        !has_alternate_.may_hold || (first != nullptr && !may_be_stale(*first, age));
    return is_certain ? first : find_in_both(place, first, age);
}

// A packet that begins a flow looks in the first bucket only. It may leave the entry of an earlier
// flow with the same addresses and ports in the alternate bucket, which becomes the first one when
// the layout changes. So of two entries, the one used last is the flow's. find() searches both
// buckets only if it must, because each search can hit the equal tag of another flow.
[[gnu::noinline]] FlowEntry* FlowTable::find_in_both(const FlowPlace& place, FlowEntry* first,
                                                     const FlowAge& age) {
    FlowEntry* const alternate = find_in(buckets_[alternate_of(place)], place.tag, age);
    if (alternate == nullptr || alternate == first)
        return first;
    const bool first_is_newer = first != nullptr && age.idle(*first) <= age.idle(*alternate);
    FlowEntry* const room = first != nullptr ? first : find_room(buckets_[place.bucket], age);
    if (room == nullptr) {
        has_alternate_.note(age);
        return alternate;
    }
    if (!first_is_newer)
        write(*room, *alternate);
    free(*alternate);
    return room;
}

bool FlowTable::has_candidate(const FlowPlace& place) const {
    return entries_with_tag(buckets_[place.bucket], place.tag) != 0 ||
           (has_alternate_.may_hold &&
            entries_with_tag(buckets_[alternate_of(place)], place.tag) != 0);
}

// Looks only at the first entry with the tag: two entries with one tag are rare.
const FlowEntry* FlowTable::find_common(const FlowPlace& place, const FlowAge& age) const {
    const FlowBucket& bucket = buckets_[place.bucket];
    const std::uint32_t found = entries_with_tag(bucket, place.tag);
    if (found == 0)
        return nullptr;
    const FlowEntry& entry = bucket.entries[std::countr_zero(found)];
    return age.is_established_now(entry) ? &entry : nullptr;
}

// Reads the first bucket twice, because the owner may move the entry there in the meantime.
std::optional<FlowEntry> FlowTable::peek(const FlowPlace& place, const FlowAge& age) const {
    std::optional<FlowEntry> newest;
    for (const std::uint32_t bucket : {place.bucket, alternate_of(place), place.bucket}) {
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
    FlowEntry* const room = find_room(buckets_[place.bucket], age);
    if (room == nullptr)
        return insert_crowded(place, wanted, age);
    write(*room, wanted);
    crowding_ -= crowding_ > 0 ? 1 : 0;
    return InsertOutcome::kInserted;
}

// The first bucket is full. Evicts only if the alternate bucket is full too.
[[gnu::noinline]] InsertOutcome FlowTable::insert_crowded(const FlowPlace& place, FlowEntry wanted,
                                                          const FlowAge& age) {
    FlowBucket& first = buckets_[place.bucket];
    FlowBucket& alternate = buckets_[alternate_of(place)];
    if (&alternate != &first) {
        note_crowding(age);
        FlowEntry* const stale = find_in(alternate, place.tag, age);
        if (FlowEntry* const room = stale != nullptr ? stale : find_room(alternate, age)) {
            write(*room, wanted);
            return InsertOutcome::kInserted;
        }
    }
    FlowEntry* victim = find_victim(first, age);
    if (victim == nullptr)
        victim = find_victim(alternate, age);
    if (victim == nullptr)
        return InsertOutcome::kFull;
    write(*victim, wanted);
    return InsertOutcome::kEvicted;
}

// A new flow is not inserted into its first bucket. A compact table spreads when that keeps
// happening to more than one new flow in 256, which begins at about 5 flows per 2 buckets.
void FlowTable::note_crowding(const FlowAge& age) {
    constexpr std::uint32_t kOneIn = 256;
    constexpr std::uint32_t kMost = 16 * kOneIn;
    has_alternate_.note(age);
    if (is_spread())
        return;
    crowding_ += kOneIn;
    if (crowding_ > kMost)
        switch_layout(age);
}

// From compact to spread, or back.
void FlowTable::switch_layout(const FlowAge& age) {
    std::swap(first_, alternate_);
    has_alternate_.note(age);
    has_stale_.note(age);
    crowding_ = 0;
}

void FlowTable::sweep(std::uint64_t count, const FlowAge& age) {
    for (; count > 0; --count) {
        FlowBucket& bucket = buckets_[sweep_next_];
        const std::uint32_t gone = dead_entries(bucket, age);
        for (std::uint32_t left = gone; left != 0; left &= left - 1)
            free(bucket.entries[std::countr_zero(left)]);
        live_ += std::size(bucket.entries) - static_cast<std::size_t>(std::popcount(gone));
        if (++sweep_next_ == buckets_.size())
            end_round(age);
    }
}

// All buckets have been swept.
void FlowTable::end_round(const FlowAge& age) {
    constexpr std::uint64_t kFew = kCompactBuckets;  // one flow per bucket
    has_alternate_.expire(age);
    has_stale_.expire(age);
    if (is_spread() && live_ <= kFew)
        switch_layout(age);
    sweep_next_ = 0;
    live_ = 0;
}

}  // namespace vipfwd::packet
