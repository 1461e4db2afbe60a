// SPDX-License-Identifier: Apache-2.0
// The flows of one worker. An entry has 8 bytes, a bucket has 8 entries and fills one cache line; a
// lookup usually reads one bucket. The key is not stored: a 32-bit tag stands for it. An entry
// names a backend by its index within the pool, so a rare false hit still leads to a backend of the
// packet's own pool. The table has indices but no pointers, so its memory can outlive the process.
//
// In a large table a few flows would each have a cache line and a page of their own. Therefore the
// table has two layouts. While it is compact, flows are in its first kCompactBuckets buckets. When
// those become crowded the table spreads, and flows are in all buckets; when few flows are left it
// becomes compact again. So every flow has two buckets: one among the first kCompactBuckets, and
// one among all buckets. Its first bucket is the former while the table is compact, and the latter
// while the table is spread; the other one is its alternate bucket. A flow is in its alternate
// bucket if its first bucket was full, or if the layout has changed since. A lookup finds it there
// too, and moves it to its first bucket.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/abi/enum.h"
#include "dataplane/abi/limits.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::packet {

enum class FlowState : std::uint16_t {
    kFree = 0,
    kOpening = 1,  // one packet or only SYNs seen
    kEstablished = 2,
    kClosing = 3,  // TCP: a FIN or RST seen
    kUdp = 4,
    kLast = kUdp,
};

// Always written as a whole, because other workers may read it at any time.
struct alignas(8) FlowEntry {
    std::uint32_t tag = 0;
    std::uint16_t backend = 0;  // index within the pool
    std::uint16_t stamp = 0;  // FlowState in the high bits, time of the last packet in the low ones
};

// The low bits of FlowEntry::stamp are the time, the other 3 bits the state.
inline constexpr std::uint32_t kFlowTimeBits = 13;
inline constexpr std::uint32_t kFlowTimeMask = (1u << kFlowTimeBits) - 1;
inline constexpr std::size_t kFlowStampStates = 1u << (16 - kFlowTimeBits);
static_assert(abi::kEnumCount<FlowState> <= kFlowStampStates);

struct alignas(64) FlowBucket {
    FlowEntry entries[8];
};

static_assert(sizeof(FlowEntry) == 8 && sizeof(FlowBucket) == 64);

constexpr FlowState state_of(const FlowEntry& entry) {
    return static_cast<FlowState>(entry.stamp >> kFlowTimeBits);
}

// Where a flow is in the table: made of its hash and of the salt of its pool. With another pool a
// service has other tags, and thus no flows.
struct FlowPlace {
    std::uint32_t bucket;  // its first bucket when the place was made
    std::uint32_t hash;    // from which both buckets are computed
    std::uint32_t tag;
};

// Judges the age of entries at one time. Made once a burst.
class FlowAge {
  public:
    FlowAge(const abi::FlowTimeouts& timeouts, std::uint32_t now_s);

    // Times are in the unit of FlowEntry::stamp, and wrap around.
    std::uint32_t now() const { return now_; }
    std::uint32_t since(std::uint32_t time) const { return (now_ - time) & kFlowTimeMask; }
    std::uint32_t idle(const FlowEntry& entry) const { return since(entry.stamp); }
    // False for a free entry, and for one that has timed out.
    bool is_live(const FlowEntry& entry) const {
        return static_cast<std::int32_t>(idle(entry)) <=
               longest_idle_[entry.stamp >> kFlowTimeBits];
    }
    // The idle timeout by state. It is -1 for kFree: no free entry is live.
    const std::array<std::int32_t, kFlowStampStates>& longest_idle() const { return longest_idle_; }
    // True if an entry last used at `time` has timed out, whatever its state.
    bool is_over(std::uint32_t time) const {
        return static_cast<std::int32_t>(since(time)) > longest_of_all_;
    }
    // True if an established flow's entry was used in the current unit of time.
    bool is_established_now(const FlowEntry& entry) const {
        return entry.stamp == established_now_;
    }

  private:
    std::uint32_t now_;
    std::uint16_t established_now_;
    std::int32_t longest_of_all_;
    alignas(32) std::array<std::int32_t, kFlowStampStates> longest_idle_;
};

enum class InsertOutcome { kInserted, kEvicted, kFull };

// A worker has one table of its own. Other workers read its memory through a FlowTable of theirs,
// and with peek() only.
class FlowTable {
  public:
    FlowTable() = default;
    // Over zeroed memory. The number of buckets is a power of two, at most 2^32.
    explicit FlowTable(std::span<FlowBucket> buckets);

    // The number of buckets for `flows` concurrent flows at half load: 16 bytes a flow, rounded up
    // to a power of two.
    static std::uint64_t bucket_count(std::uint64_t flows);

    FlowPlace place(std::uint64_t hash, std::uint32_t salt) const;
    void prefetch(const FlowPlace& place) const { __builtin_prefetch(&buckets_[place.bucket]); }

    // The live entry of a flow, or null. If both buckets have one, the entry used last. The pointer
    // is valid until the next find, insert or sweep.
    FlowEntry* find(const FlowPlace& place, const FlowAge& age);
    // Looks in the first bucket only; sufficient for a packet that begins a flow, and faster.
    FlowEntry* find_first(const FlowPlace& place, const FlowAge& age) const;
    // Fast path of find(): its result, if that is an established flow used in the current unit of
    // time. May return null even so.
    const FlowEntry* find_common(const FlowPlace& place, const FlowAge& age) const;
    // False only if find() would return null at any age. Faster than find().
    bool has_candidate(const FlowPlace& place) const;
    // As find(), but does not move the entry: for other workers, while the owner uses the table.
    std::optional<FlowEntry> peek(const FlowPlace& place, const FlowAge& age) const;

    // Inserts a flow that find_first() does not find: into a free or timed-out entry, or else in
    // place of the opening or closing flow that was idle longest. Never evicts an established flow,
    // but returns kFull. May change the layout; FlowPlaces made before stay valid.
    InsertOutcome insert(const FlowPlace& place, std::uint16_t backend, FlowState state,
                         const FlowAge& age);

    // Frees timed-out entries in the next `count` buckets, round robin. The caller sweeps the whole
    // table within abi::kFlowSweepPeriod_s, which bounds how long an entry can name a backend that
    // no flow uses any more. A round that finds few live flows makes the table compact again.
    void sweep(std::uint64_t count, const FlowAge& age);

    std::uint64_t bucket_count() const { return buckets_.size(); }
    bool is_spread() const { return first_.mask > alternate_.mask; }
    // True if the first buckets are in more pages than the TLB of a core covers: then prefetches of
    // them wait for address translation.
    bool is_large() const { return first_.mask >= kLargestInTlb; }

    // 2 MiB: one hugepage, and a good part of a core's own cache.
    static constexpr std::uint32_t kCompactBuckets = (2 << 20) / sizeof(FlowBucket);

  private:
    static constexpr std::uint32_t kLargestInTlb = (16 << 20) / sizeof(FlowBucket);

    // Selects some bits of a hash as a bucket number.
    struct Bits {
        std::uint32_t shift = 0;
        std::uint32_t mask = 0;

        std::uint32_t of(std::uint32_t hash) const { return hash >> shift & mask; }
    };

    // A property that some entries had at time `at`. It may hold until all entries used up to then
    // have timed out.
    struct RecentUntil {
        bool may_hold = false;
        std::uint32_t at = 0;

        void note(const FlowAge& age) { *this = {true, age.now()}; }
        void expire(const FlowAge& age) { may_hold = may_hold && !age.is_over(at); }
    };

    // The alternate bucket of a flow; in a table of at most kCompactBuckets, its only bucket.
    std::uint32_t alternate_of(const FlowPlace& place) const {
        const std::uint32_t alternate = alternate_.of(place.hash);
        // If the layout has changed since `place` was made, its bucket is the alternate one now.
        return alternate != place.bucket ? alternate : first_.of(place.hash);
    }
    FlowEntry* find_in_both(const FlowPlace& place, FlowEntry* first, const FlowAge& age);
    InsertOutcome insert_crowded(const FlowPlace& place, FlowEntry wanted, const FlowAge& age);
    void note_crowding(const FlowAge& age);
    void switch_layout(const FlowAge& age);
    void end_round(const FlowAge& age);
    bool may_be_stale(const FlowEntry& first, const FlowAge& age) const {
        return has_stale_.may_hold && age.idle(first) >= age.since(has_stale_.at);
    }

    std::span<FlowBucket> buckets_;
    // A flow's two buckets, by its hash.
    Bits first_;
    Bits alternate_;
    RecentUntil has_alternate_;  // some flows are in their alternate bucket
    // Entries that were not used since the layout changed may be stale: their flow may have a newer
    // entry in its other bucket.
    RecentUntil has_stale_;
    std::uint32_t crowding_ = 0;  // of a compact table
    std::uint32_t sweep_next_ = 0;
    std::uint64_t live_ = 0;  // live entries seen in the current round of sweep()
};

// Notes in the entry that a packet uses the flow now: it goes to `backend` and puts the flow into
// `state`.
void update(FlowEntry& entry, std::uint16_t backend, FlowState state, const FlowAge& age);

}  // namespace vipfwd::packet
