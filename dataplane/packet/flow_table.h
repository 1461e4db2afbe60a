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

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>

#include "dataplane/abi/flow_census.h"
#include "dataplane/packet/census_watch.h"
#include "dataplane/packet/flow_entry.h"
#include "dataplane/packet/flow_shares.h"

namespace vipfwd::packet {

// Where a flow is in the table: made of its hash and of its service's flow_tag_base(). With another
// pool a service has other tags, and thus no flows.
struct FlowPlace {
    std::uint32_t bucket;  // its first bucket when the place was made
    std::uint32_t hash;    // from which both buckets are computed
    std::uint32_t tag;
};

enum class InsertOutcome { kInserted, kEvicted, kFull };

// Looks flows up, and changes nothing. Small, so that copies of it can be kept in registers.
class FlowLookup {
  public:
    FlowLookup() = default;
    // Over zeroed memory. The number of buckets is a power of two, at most 2^32.
    explicit FlowLookup(std::span<FlowBucket> buckets);

    FlowPlace place(std::uint64_t hash, std::uint32_t tag_base) const;
    void prefetch(const FlowPlace& place) const { __builtin_prefetch(&buckets_[place.bucket]); }

    // For packets whose flow is probably not in its first bucket. Inlined early, or else GCC takes
    // it for a function without effects and removes its calls.
    [[gnu::always_inline]] void prefetch_alternate(const FlowPlace& place) const {
        if (has_alternate_.may_hold)
            __builtin_prefetch(&buckets_[alternate_.of(place.hash)]);
    }

    // Fast path of FlowTable::find() for a packet that neither opens nor closes its flow: its
    // result, if the packet does not change the entry. May return null even so.
    const FlowEntry* find_common(const FlowPlace& place, const FlowAge& age) const;
    // False only if find() would return null at any age. Faster than find().
    bool has_candidate(const FlowPlace& place) const;
    // As find(), but does not move the entry: for other workers, while the owner uses the table.
    std::optional<FlowEntry> peek(const FlowPlace& place, const FlowAge& age) const;

    std::uint64_t bucket_count() const { return buckets_.size(); }
    bool is_spread() const { return first_.mask > alternate_.mask; }
    // True if the first buckets are in more pages than the TLB of a core covers: then prefetches of
    // them wait for address translation.
    bool is_large() const { return first_.mask >= kLargestInTlb; }

    // 2 MiB: one hugepage, and a good part of a core's own cache.
    static constexpr std::uint32_t kCompactBuckets = (2 << 20) / sizeof(FlowBucket);

  protected:
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

    // False only if the flow is not in its alternate bucket, at any age.
    bool may_be_in_alternate(const FlowPlace& place) const;

    std::span<FlowBucket> buckets_;
    // A flow's two buckets, by its hash.
    Bits first_;
    Bits alternate_;
    RecentUntil has_alternate_;  // some flows are in their alternate bucket

  private:
    static constexpr std::uint32_t kLargestInTlb = (16 << 20) / sizeof(FlowBucket);
};

// A worker has one table of its own. Other workers read its memory through a FlowTable of theirs,
// and with peek() only.
class FlowTable : public FlowLookup {
  public:
    FlowTable() = default;
    explicit FlowTable(std::span<FlowBucket> buckets) : FlowLookup(buckets) { limit_shares(100); }

    // The number of buckets for `flows` concurrent flows at half load: 16 bytes a flow, rounded up
    // to a power of two.
    static std::uint64_t bucket_count(std::uint64_t flows);
    using FlowLookup::bucket_count;

    // Sets how much of the table the flows of one class may hold while others need the room.
    void limit_shares(std::uint32_t percent) {
        if (percent == share_percent_)
            return;
        share_percent_ = percent;
        shares_.limit(buckets_.size() * std::size(FlowBucket().entries) * percent / 100);
    }
    const FlowShares& shares() const { return shares_; }

    // The live entry of a flow, or null. The pointer is valid until the next find, insert or sweep.
    FlowEntry* find(const FlowPlace& place, const FlowAge& age);

    // True if an unproven flow may become proven: its class has less than its share of proven
    // flows, and does not have all other entries of the bucket, where other classes need room too.
    bool may_prove(const FlowEntry& entry) const;

    // Writes the state and backend of an entry of the table, with the present time.
    void change(FlowEntry& entry, std::uint16_t backend, FlowState state, const FlowAge& age);

    // Inserts a flow that find() does not find, if no other flow will have to go for it: its first
    // bucket has a free or timed-out entry, and its class does not have its share. Requires a state
    // of an unproven flow.
    bool insert_free(const FlowPlace& place, std::uint16_t backend, FlowState state,
                     const FlowAge& age);

    // Inserts a flow that find() does not find: into a free or timed-out entry, or else in place of
    // an unproven or closing flow. Of these in the flow's two buckets it evicts the oldest one of a
    // class that holds more than its share, or else the oldest of all. A class that has its share
    // evicts only its own. Never evicts a proven flow, but returns kFull. May change the layout;
    // FlowPlaces made before stay valid.
    InsertOutcome insert(const FlowPlace& place, std::uint16_t backend, FlowState state,
                         const FlowAge& age);

    // Frees timed-out entries in the next `count` buckets, round robin. The caller sweeps the whole
    // table within abi::kFlowSweepPeriod_s, which bounds how long an entry can name a backend that
    // no flow uses any more. A round that finds few live flows makes the table compact again.
    void sweep(std::uint64_t count, const FlowAge& age);

    // From now on sweep() marks the entries that it leaves, until it has swept each bucket once,
    // and counts those that are watched. `census` must live until then, or until abandon_census().
    void begin_census(abi::FlowCensus& census, const abi::WatchedBackends& watched,
                      std::uint64_t request, std::uint64_t generation);
    void abandon_census() { census_ = nullptr; }
    bool is_in_census() const { return census_ != nullptr; }

  private:
    FlowEntry* find_alternate(const FlowPlace& place, const FlowAge& age);
    InsertOutcome insert_crowded(const FlowPlace& place, const FlowEntry& wanted,
                                 const FlowAge& age);
    bool evict(FlowBucket& first, FlowBucket& alternate, const FlowEntry& wanted,
               const FlowAge& age);
    void put(FlowEntry& room, const FlowEntry& wanted);
    void free(FlowEntry& entry);
    void note_room();
    void note_crowding(const FlowAge& age);
    void switch_layout(const FlowAge& age);
    void mark_in_census(const FlowEntry& entry);
    void mark_in_census(const FlowBucket& bucket);
    void end_round(const FlowAge& age);

    std::uint32_t crowding_ = 0;  // of a compact table
    std::uint32_t sweep_next_ = 0;
    std::uint64_t live_ = 0;  // live entries seen in the current round of sweep()
    std::uint32_t share_percent_ = 0;
    FlowShares shares_;
    abi::FlowCensus* census_ = nullptr;  // null: none is under way
    std::uint64_t census_left_ = 0;      // buckets that it has not seen
    CensusWatch watch_;
};

}  // namespace vipfwd::packet
