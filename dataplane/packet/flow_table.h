// SPDX-License-Identifier: Apache-2.0
// The flows of one worker: an entry is 8 bytes, a bucket of 8 is one cache line, a lookup reads one
// bucket. No key is stored: a 32-bit tag stands for it, and an entry names a backend by its index
// within the pool, so the rare wrong hit still ends at a backend of the packet's own pool. Indices
// only, no pointers: the memory can outlive the process.
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

// Where a flow is in the table. `salt` is the pool's, so that a service given another pool starts
// afresh.
struct FlowPlace {
    std::uint64_t bucket;
    std::uint32_t tag;
};

// How old is too old: made once a burst.
class FlowAge {
  public:
    FlowAge(const abi::FlowTimeouts& timeouts, std::uint32_t now_s);

    std::uint32_t now() const { return now_; }
    std::uint32_t idle(const FlowEntry& entry) const {
        return (now_ - entry.stamp) & kFlowTimeMask;
    }
    bool is_live(const FlowEntry& entry) const {
        return static_cast<std::int32_t>(idle(entry)) <=
               longest_idle_[entry.stamp >> kFlowTimeBits];
    }
    // By state, in the unit of idle(); of none a free entry is live.
    const std::array<std::int32_t, 8>& longest_idle() const { return longest_idle_; }
    // Its stamp is that of an established flow used now.
    bool is_established_now(const FlowEntry& entry) const {
        return entry.stamp == established_now_;
    }

  private:
    std::uint32_t now_;  // in the unit of FlowEntry::stamp
    std::uint16_t established_now_;
    alignas(32) std::array<std::int32_t, 8> longest_idle_;
};

enum class InsertOutcome { kInserted, kEvicted, kFull };

class FlowTable {
  public:
    FlowTable() = default;
    // Over zeroed or formerly used memory; the number of buckets is a power of two.
    explicit FlowTable(std::span<FlowBucket> buckets) : buckets_(buckets) {}

    // Buckets for `flows` concurrent flows at half load: 16 bytes a flow.
    static std::uint64_t bucket_count(std::uint64_t flows);

    FlowPlace place(std::uint64_t hash, std::uint32_t salt) const;
    void prefetch(const FlowPlace& place) const { __builtin_prefetch(&buckets_[place.bucket]); }

    // The entry of a flow that has not timed out, or null. Valid until the next insert or sweep.
    FlowEntry* find(const FlowPlace& place, const FlowAge& age) const;
    // The same for a table whose owner is at work on it.
    std::optional<FlowEntry> peek(const FlowPlace& place, const FlowAge& age) const;
    // What find() finds, if that is an established flow used now; may be null even so. Takes fewer
    // steps.
    const FlowEntry* find_used_now(const FlowPlace& place, const FlowAge& age) const;
    // False if find() finds nothing at any age. Takes fewer steps.
    bool has_candidate(const FlowPlace& place) const;

    // Remembers a flow that find() does not find: in a free or timed-out entry, or at worst that of
    // the opening or closing flow that was idle longest. Never that of an established one: kFull
    // then.
    InsertOutcome insert(const FlowPlace& place, std::uint16_t backend, FlowState state,
                         const FlowAge& age) const;

    // Frees timed-out entries in the next `count` buckets, round and round. Called often enough to
    // go round in abi::kFlowSweepPeriod_s, it bounds how long the table can name a backend nobody
    // uses.
    void sweep(std::uint64_t count, const FlowAge& age);

    std::uint64_t bucket_count() const { return buckets_.size(); }
    // Of more pages than a core has at hand: that they are looked up is what prefetches wait for.
    bool is_large() const { return buckets_.size() > kLargestNear; }

  private:
    static constexpr std::uint64_t kLargestNear = (16 << 20) / sizeof(FlowBucket);

    std::span<FlowBucket> buckets_;
    std::uint64_t sweep_next_ = 0;
};

// The flow's entry is used now: by a packet that goes to `backend`, and is in `state` then.
void update(FlowEntry& entry, std::uint16_t backend, FlowState state, const FlowAge& age);

}  // namespace vipfwd::packet
