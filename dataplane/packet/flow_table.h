// SPDX-License-Identifier: Apache-2.0
// The flows of one worker: an entry is 8 bytes, a bucket of 8 is one cache line, a lookup reads one
// bucket. No key is stored: a 32-bit tag stands for it, and an entry names a backend by its index
// within the pool, so the rare wrong hit still ends at a backend of the packet's own pool. Indices
// only, no pointers: the memory can outlive the process.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/abi/limits.h"

namespace vipfwd::packet {

enum class FlowState : std::uint16_t {
    kFree = 0,
    kHalfOpen = 1,  // TCP, only SYNs seen
    kEstablished = 2,
    kClosing = 3,  // TCP, a FIN or RST seen
    kUdp = 4,
};

struct FlowEntry {
    std::uint32_t tag = 0;
    std::uint16_t backend = 0;  // index within the pool
    std::uint16_t stamp = 0;    // state in the high 3 bits, time of the last packet in the low 13
};

struct alignas(64) FlowBucket {
    FlowEntry entries[8];
};

static_assert(sizeof(FlowEntry) == 8 && sizeof(FlowBucket) == 64);

// Where a flow is in the table. `salt` is the pool's, so that a service given another pool starts
// afresh.
struct FlowPlace {
    std::uint64_t bucket = 0;
    std::uint32_t tag = 0;
};

enum class PinOutcome { kUpdated, kInserted, kEvicted, kFull };

class FlowTable {
  public:
    FlowTable() = default;
    // Over zeroed or formerly used memory; the number of buckets is a power of two.
    explicit FlowTable(std::span<FlowBucket> buckets) : buckets_(buckets) {}

    // Buckets for `flows` concurrent flows at half load: 16 bytes a flow.
    static std::uint64_t bucket_count(std::uint64_t flows);

    FlowPlace place(std::uint64_t hash, std::uint32_t salt) const;
    void prefetch(const FlowPlace& place) const { __builtin_prefetch(&buckets_[place.bucket]); }

    // The entry of a flow that has not timed out at `now_s`, or null. Valid until the next pin or
    // sweep.
    FlowEntry* find(const FlowPlace& place, std::uint32_t now_s) const;

    // Makes `backend` the flow's: updates its entry, or takes a free or timed-out one, or at worst
    // that of the half-open or closing flow that was idle longest. Never that of an established
    // flow: kFull then.
    PinOutcome pin(const FlowPlace& place, std::uint16_t backend, FlowState state,
                   std::uint32_t now_s) const;

    // Frees timed-out entries in the next `count` buckets, round and round. Called often enough to
    // go round in abi::kFlowSweepPeriod_s, it bounds how long the table can name a backend nobody
    // uses.
    void sweep(std::uint64_t count, std::uint32_t now_s);

    std::uint64_t bucket_count() const { return buckets_.size(); }

  private:
    std::span<FlowBucket> buckets_;
    std::uint64_t sweep_next_ = 0;
};

FlowState state_of(const FlowEntry& entry);
// Marks the entry as used at `now_s`, in `state`.
void touch(FlowEntry& entry, FlowState state, std::uint32_t now_s);

}  // namespace vipfwd::packet
