// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_table.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <iterator>
#include <utility>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/flow_match.h"

namespace vipfwd::packet {
namespace {

static_assert(std::atomic_ref<FlowEntry>::is_always_lock_free);

// Release order: when an entry moves, other workers see its copy before the original is freed.
void write(FlowEntry& entry, const FlowEntry& wanted) {
    std::atomic_ref(entry).store(wanted, std::memory_order_release);
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

// Removes an entry from a full bucket, and appends one. So among flows that began in the same unit
// of time, the first entry is the oldest. Every entry is copied before it is overwritten, and
// peek() reads from the last one to the first: it misses none.
void replace(FlowBucket& bucket, std::uint32_t index, const FlowEntry& wanted) {
    for (; index + 1 < std::size(bucket.entries); ++index)
        write(bucket.entries[index], bucket.entries[index + 1]);
    write(bucket.entries[index], wanted);
}

}  // namespace

std::uint64_t FlowTable::bucket_count(std::uint64_t flows) {
    constexpr std::uint64_t kEntriesPerBucket = 8;
    return std::bit_ceil(std::max<std::uint64_t>(1, 2 * flows / kEntriesPerBucket));
}

FlowLookup::FlowLookup(std::span<FlowBucket> buckets) : buckets_(buckets) {
    constexpr int kCompactBits = std::countr_zero(kCompactBuckets);
    alternate_ = {0, static_cast<std::uint32_t>(buckets.size() - 1)};
    first_ = buckets.size() > kCompactBuckets ? Bits{32 - kCompactBits, kCompactBuckets - 1}
                                              : alternate_;
}

FlowPlace FlowLookup::place(std::uint64_t hash, std::uint32_t tag_base) const {
    // Flows with equal tags are spread evenly over all buckets.
    const auto mixed = static_cast<std::uint32_t>(hash * abi::kHashOdd1 >> 32);
    constexpr std::uint32_t kFlowBits = (1u << kFlowClassShift) - 1;
    return {first_.of(mixed), mixed, (static_cast<std::uint32_t>(hash) & kFlowBits) ^ tag_base};
}

// Searches the alternate bucket only if it must, because each search can hit the equal tag of
// another flow.
FlowEntry* FlowTable::find(const FlowPlace& place, const FlowAge& age) {
    FlowEntry* const first = find_in(buckets_[place.bucket], place.tag, age);
    return first != nullptr || !may_be_in_alternate(place) ? first : find_alternate(place, age);
}

[[gnu::noinline]] FlowEntry* FlowTable::find_alternate(const FlowPlace& place, const FlowAge& age) {
    FlowEntry* const alternate = find_in(buckets_[alternate_of(place)], place.tag, age);
    if (alternate == nullptr)
        return nullptr;
    FlowEntry* const room = find_room(buckets_[place.bucket], age);
    if (room == nullptr) {
        has_alternate_.note(age);
        return alternate;
    }
    put(*room, *alternate);
    free(*alternate);
    // The census may already have swept the bucket that now has the entry, and not yet the bucket
    // that had it.
    if (census_ != nullptr)
        mark_in_census(*room);
    return room;
}

bool FlowLookup::may_be_in_alternate(const FlowPlace& place) const {
    return has_alternate_.may_hold && has_tag(buckets_[alternate_of(place)], place.tag);
}

bool FlowLookup::has_candidate(const FlowPlace& place) const {
    return has_tag(buckets_[place.bucket], place.tag) || may_be_in_alternate(place);
}

// Looks only at the first entry with the tag: two entries with one tag are rare.
const FlowEntry* FlowLookup::find_common(const FlowPlace& place, const FlowAge& age) const {
    const FlowBucket& bucket = buckets_[place.bucket];
    const std::uint32_t found = entries_with_tag(bucket, place.tag);
    if (found == 0)
        return nullptr;
    const FlowEntry& entry = bucket.entries[std::countr_zero(found)];
    return age.is_settled(entry) ? &entry : nullptr;
}

// Reads the first bucket twice, because the owner may move the entry there in the meantime, and
// each bucket in the direction opposite to that of replace().
std::optional<FlowEntry> FlowLookup::peek(const FlowPlace& place, const FlowAge& age) const {
    for (const std::uint32_t bucket : {place.bucket, alternate_of(place), place.bucket}) {
        auto& entries = buckets_[bucket].entries;
        for (auto shared = std::rbegin(entries); shared != std::rend(entries); ++shared) {
            const FlowEntry entry = std::atomic_ref(*shared).load(std::memory_order_acquire);
            if (entry.tag == place.tag && age.is_live(entry))
                return entry;
        }
    }
    return std::nullopt;
}

// Most packets of a flow do not change its entry, because the unit of time is coarse: then the
// cache line stays clean.
void FlowTable::change(FlowEntry& entry, std::uint16_t backend, FlowState state,
                       const FlowAge& age) {
    const FlowEntry wanted{entry.tag, backend, make_stamp(state, age.now())};
    if (entry.backend == wanted.backend && entry.stamp == wanted.stamp)
        return;
    if (is_proven(state_of(entry)) != is_proven(state)) {
        shares_.remove(entry);
        shares_.add(wanted);
    }
    write(entry, wanted);
}

bool FlowTable::may_prove(const FlowEntry& entry) const {
    const std::uint8_t flow_class = class_of(entry.tag);
    const auto index = static_cast<std::size_t>(&entry - buckets_.front().entries);
    const FlowBucket& bucket = buckets_[index / std::size(buckets_.front().entries)];
    const auto others = static_cast<std::size_t>(std::count_if(
        std::begin(bucket.entries), std::end(bucket.entries), [&](const FlowEntry& one) {
            return state_of(one) != FlowState::kFree && is_proven(state_of(one)) &&
                   class_of(one.tag) == flow_class;
        }));
    return shares_.may_prove(flow_class) && others + 1 < std::size(bucket.entries);
}

// Overwrites an entry that is free or no longer needed.
void FlowTable::put(FlowEntry& room, const FlowEntry& wanted) {
    shares_.remove(room);
    shares_.add(wanted);
    write(room, wanted);
}

// Does not write to an entry that is free already, so that its cache line stays clean.
void FlowTable::free(FlowEntry& entry) {
    if (state_of(entry) == FlowState::kFree)
        return;
    shares_.remove(entry);
    write(entry, {});
}

bool FlowTable::insert_free(const FlowPlace& place, std::uint16_t backend, FlowState state,
                            const FlowAge& age) {
    const std::uint8_t flow_class = class_of(place.tag);
    if (shares_.has_share(flow_class))
        return false;
    FlowEntry* const room = find_room(buckets_[place.bucket], age);
    if (room == nullptr)
        return false;
    shares_.remove(*room);
    shares_.add_unproven(flow_class);
    write(*room, {place.tag, backend, make_stamp(state, age.now())});
    note_room();
    return true;
}

InsertOutcome FlowTable::insert(const FlowPlace& place, std::uint16_t backend, FlowState state,
                                const FlowAge& age) {
    const FlowEntry wanted{place.tag, backend, make_stamp(state, age.now())};
    FlowEntry* const room = find_room(buckets_[place.bucket], age);
    if (room == nullptr)
        return insert_crowded(place, wanted, age);
    put(*room, wanted);
    note_room();
    return InsertOutcome::kInserted;
}

// The first bucket is full. Evicts only if the alternate bucket is full too.
[[gnu::noinline]] InsertOutcome FlowTable::insert_crowded(const FlowPlace& place,
                                                          const FlowEntry& wanted,
                                                          const FlowAge& age) {
    FlowBucket& first = buckets_[place.bucket];
    FlowBucket& alternate = buckets_[alternate_of(place)];
    if (&alternate != &first) {
        note_crowding(age);
        if (FlowEntry* const room = find_room(alternate, age)) {
            put(*room, wanted);
            return InsertOutcome::kInserted;
        }
    }
    return evict(first, alternate, wanted, age) ? InsertOutcome::kEvicted : InsertOutcome::kFull;
}

// Puts the entry in place of one in two full buckets, which may be the same. False if there is none
// to evict.
bool FlowTable::evict(FlowBucket& first, FlowBucket& alternate, const FlowEntry& wanted,
                      const FlowAge& age) {
    struct Choice {
        FlowBucket* bucket;
        std::uint32_t unproven;
        std::uint32_t preferred;
    };
    const std::uint8_t flow_class = class_of(wanted.tag);
    const bool has_its_share = shares_.has_share(flow_class);
    std::array<Choice, 2> choices;
    std::uint32_t preferred = 0;
    for (std::size_t i = 0; Choice & choice : choices) {
        choice.bucket = i++ == 0 ? &first : &alternate;
        choice.unproven = unproven_entries(*choice.bucket);
        choice.preferred =
            choice.unproven & (has_its_share ? entries_of_class(*choice.bucket, flow_class)
                                             : entries_over_share(*choice.bucket, shares_));
        preferred |= choice.preferred;
    }
    if (preferred == 0 && has_its_share)
        return false;
    FlowBucket* from = nullptr;
    std::uint32_t victim = 0;
    for (const Choice& choice : choices) {
        const std::uint32_t candidates = preferred != 0 ? choice.preferred : choice.unproven;
        if (candidates == 0)
            continue;
        const std::uint32_t oldest = oldest_entry(*choice.bucket, candidates, age);
        if (from == nullptr ||
            age.idle(choice.bucket->entries[oldest]) > age.idle(from->entries[victim])) {
            from = choice.bucket;
            victim = oldest;
        }
    }
    if (from == nullptr)
        return false;
    shares_.remove(from->entries[victim]);
    shares_.add(wanted);
    replace(*from, victim, wanted);
    return true;
}

// A new flow is inserted into its first bucket.
void FlowTable::note_room() {
    crowding_ -= crowding_ > 0 ? 1 : 0;
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
    crowding_ = 0;
}

void FlowTable::sweep(std::uint64_t count, const FlowAge& age) {
    for (; count > 0; --count) {
        FlowBucket& bucket = buckets_[sweep_next_];
        const std::uint32_t gone = dead_entries(bucket, age);
        for (std::uint32_t left = gone; left != 0; left &= left - 1)
            free(bucket.entries[std::countr_zero(left)]);
        live_ += std::size(bucket.entries) - static_cast<std::size_t>(std::popcount(gone));
        if (census_ != nullptr)
            mark_in_census(bucket);
        if (++sweep_next_ == buckets_.size())
            end_round(age);
    }
}

void FlowTable::begin_census(abi::FlowCensus& census, const abi::WatchedBackends& watched,
                             std::uint64_t request, std::uint64_t generation) {
    watch_.set(watched);
    census.begin(request, generation);
    census_ = &census;
    census_left_ = buckets_.size();
}

void FlowTable::mark_in_census(const FlowEntry& entry) {
    const std::uint8_t flow_class = class_of(entry.tag);
    census_->mark(flow_class, entry.backend);
    if (const auto place = watch_.find(abi::WatchedBackends::key(flow_class, entry.backend)))
        census_->watched[*place].add(1);
}

// Of a bucket that was just swept: all its entries are live or free.
void FlowTable::mark_in_census(const FlowBucket& bucket) {
    for (const FlowEntry& entry : bucket.entries) {
        if (state_of(entry) != FlowState::kFree)
            mark_in_census(entry);
    }
    if (--census_left_ > 0)
        return;
    census_->finish();
    census_ = nullptr;
}

// All buckets have been swept.
void FlowTable::end_round(const FlowAge& age) {
    constexpr std::uint64_t kFew = kCompactBuckets;  // one flow per bucket
    has_alternate_.expire(age);
    if (is_spread() && live_ <= kFew)
        switch_layout(age);
    sweep_next_ = 0;
    live_ = 0;
}

}  // namespace vipfwd::packet
