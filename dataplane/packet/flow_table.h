// SPDX-License-Identifier: Apache-2.0
// The flows of one worker: an entry is 8 bytes, a bucket of 8 is one cache line, a lookup reads one
// bucket. No key is stored: a 32-bit tag stands for it, and an entry names a backend by its index
// within the pool, so the rare wrong hit still ends at a backend of the packet's own pool. Indices
// only, no pointers: the memory can outlive the process.
//
// Few flows of a large table would each have a cache line and a page of their own. So they are in
// its first buckets only, the near ones, until these are crowded: then the table spreads, and flows
// are in all of it. When few are left, it is near again. So a flow has two buckets, a near one and
// one of all: the former is looked at first while the table is near, the latter while it is spread.
// Where the first one is full, or the table was not as it is now, a flow is in the other one: there
// it is found as well, and moved.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/abi/limits.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::packet {

enum class FlowState : std::uint16_t {
    kFree = 0,
    kOpening = 1,  // only a first packet seen, or SYNs
    kEstablished = 2,
    kClosing = 3,  // TCP, a FIN or RST seen
    kUdp = 4,
};

// Written as a whole, so that other workers may read it at any time.
struct alignas(8) FlowEntry {
    std::uint32_t tag = 0;
    std::uint16_t backend = 0;  // index within the pool
    std::uint16_t stamp = 0;    // state above the time of the last packet
};

// Of FlowEntry::stamp; the other 3 bits are the state's.
inline constexpr std::uint32_t kFlowTimeBits = 13;
inline constexpr std::uint32_t kFlowTimeMask = (1u << kFlowTimeBits) - 1;

struct alignas(64) FlowBucket {
    FlowEntry entries[8];
};

static_assert(sizeof(FlowEntry) == 8 && sizeof(FlowBucket) == 64);

constexpr FlowState state_of(const FlowEntry& entry) {
    return static_cast<FlowState>(entry.stamp >> kFlowTimeBits);
}

// Where a flow is in the table, by its hash and its pool's salt: a service given another pool
// starts afresh.
struct FlowPlace {
    std::uint32_t bucket;  // where it is looked for first
    std::uint32_t hash;    // what both of its buckets are made of
    std::uint32_t tag;
};

// How old is too old: made once a burst.
class FlowAge {
  public:
    FlowAge(const abi::FlowTimeouts& timeouts, std::uint32_t now_s);

    std::uint32_t now() const { return now_; }
    std::uint32_t since(std::uint32_t time) const { return (now_ - time) & kFlowTimeMask; }
    std::uint32_t idle(const FlowEntry& entry) const { return since(entry.stamp); }
    bool is_live(const FlowEntry& entry) const {
        return static_cast<std::int32_t>(idle(entry)) <=
               longest_idle_[entry.stamp >> kFlowTimeBits];
    }
    // By state, in the unit of idle(); of none a free entry is live.
    const std::array<std::int32_t, 8>& longest_idle() const { return longest_idle_; }
    // An entry that was last used at `time` is live in no state.
    bool is_over(std::uint32_t time) const {
        return static_cast<std::int32_t>(since(time)) > longest_of_all_;
    }
    // Its stamp is that of an established flow used now.
    bool is_established_now(const FlowEntry& entry) const {
        return entry.stamp == established_now_;
    }

  private:
    std::uint32_t now_;  // in the unit of FlowEntry::stamp
    std::uint16_t established_now_;
    std::int32_t longest_of_all_;
    alignas(32) std::array<std::int32_t, 8> longest_idle_;
};

enum class InsertOutcome { kInserted, kEvicted, kFull };

class FlowTable {
  public:
    FlowTable() = default;
    // Over zeroed memory; the number of buckets is a power of two, at most 2^32.
    explicit FlowTable(std::span<FlowBucket> buckets);

    // Buckets for `flows` concurrent flows at half load: 16 bytes a flow.
    static std::uint64_t bucket_count(std::uint64_t flows);

    FlowPlace place(std::uint64_t hash, std::uint32_t salt) const;
    void prefetch(const FlowPlace& place) const { __builtin_prefetch(&buckets_[place.bucket]); }

    // The entry of a flow that has not timed out, or null; of two the one used last. Valid until
    // the next find, insert or sweep.
    FlowEntry* find(const FlowPlace& place, const FlowAge& age);
    // The same where it is looked for first, and nowhere else: for what begins a flow. Takes fewer
    // steps.
    FlowEntry* find_first(const FlowPlace& place, const FlowAge& age) const;
    // What find() finds, if that is an established flow used now; may be null even so. Takes fewer
    // steps.
    const FlowEntry* find_used_now(const FlowPlace& place, const FlowAge& age) const;
    // False if find() finds nothing at any age. Takes fewer steps.
    bool has_candidate(const FlowPlace& place) const;
    // What find() finds, of a table whose owner is at work on it.
    std::optional<FlowEntry> peek(const FlowPlace& place, const FlowAge& age) const;

    // Remembers a flow that find_first() does not find: in a free or timed-out entry, or at worst
    // that of the opening or closing flow that was idle longest. Never that of an established one:
    // kFull then. May spread the table; places made before are good all the same.
    InsertOutcome insert(const FlowPlace& place, std::uint16_t backend, FlowState state,
                         const FlowAge& age);

    // Frees timed-out entries in the next `count` buckets, round and round. Called often enough to
    // go round in abi::kFlowSweepPeriod_s, it bounds how long the table can name a backend nobody
    // uses. After a round that saw few flows the table is near again.
    void sweep(std::uint64_t count, const FlowAge& age);

    std::uint64_t bucket_count() const { return buckets_.size(); }
    bool is_spread() const { return first_.mask > other_.mask; }
    // Flows are looked for in more pages than a core has at hand: that they are looked up is what
    // prefetches wait for.
    bool is_large() const { return first_.mask >= kLargestAtHand; }

    // 2 MiB: a hugepage, and a good part of a core's own cache.
    static constexpr std::uint32_t kNearBuckets = (2 << 20) / sizeof(FlowBucket);

  private:
    static constexpr std::uint32_t kLargestAtHand = (16 << 20) / sizeof(FlowBucket);

    // Some of a hash, as a number.
    struct Bits {
        std::uint32_t shift = 0;
        std::uint32_t mask = 0;

        std::uint32_t of(std::uint32_t hash) const { return hash >> shift & mask; }
    };

    // Something about entries that was last so at some time, and may be until all that were used by
    // then have timed out.
    struct Lasting {
        bool may_be = false;
        std::uint32_t at = 0;

        void note(const FlowAge& age) { *this = {true, age.now()}; }
        void look(const FlowAge& age) { may_be = may_be && !age.is_over(at); }
    };

    // The other bucket of a flow; of a table that is all near, the same.
    std::uint32_t other_of(const FlowPlace& place) const {
        const std::uint32_t other = other_.of(place.hash);
        return other != place.bucket ? other : first_.of(place.hash);  // it has turned over since
    }
    FlowEntry* find_in_both(const FlowPlace& place, FlowEntry* first, const FlowAge& age);
    InsertOutcome insert_crowded(const FlowPlace& place, FlowEntry wanted, const FlowAge& age);
    void crowd(const FlowAge& age);
    void turn_over(const FlowAge& age);
    void end_round(const FlowAge& age);
    bool may_be_former(const FlowEntry& first, const FlowAge& age) const {
        return formers_.may_be && age.idle(first) >= age.since(formers_.at);
    }

    std::span<FlowBucket> buckets_;
    // A flow's two buckets, by its hash.
    Bits first_;
    Bits other_;
    Lasting others_;   // flows are where they are not looked for first
    Lasting formers_;  // entries not used since the table turned over are of former flows
    std::uint32_t crowding_ = 0;  // of a near table
    std::uint32_t sweep_next_ = 0;
    std::uint64_t live_ = 0;  // seen in the round under way
};

// The flow's entry is used now: by a packet that goes to `backend`, and is in `state` then.
void update(FlowEntry& entry, std::uint16_t backend, FlowState state, const FlowAge& age);

}  // namespace vipfwd::packet
