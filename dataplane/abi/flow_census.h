// SPDX-License-Identifier: Apache-2.0
// A worker's census of its flow table: which backends its flows name. Control reuses the index of a
// removed backend once no flow names it.
//
// Control requests a round by a number in ControlArea::census_request. Each worker then goes once
// over its flow table, at a pace that costs it about 0.5 % of its time, and marks for every live
// entry the flow class and the index of the backend within its pool. The result stays until the
// next request. From the generation on in which a backend is retired, no entry that names it is
// made; so what a round that began with that generation has not found will not come back.
//
// Of some backends, which control names before the request, a round also counts the flows.
#pragma once

#include <atomic>
#include <cstdint>

#include "dataplane/abi/limits.h"
#include "dataplane/abi/shared.h"

namespace vipfwd::abi {

// The backends whose flows are counted. `control: wo, dataplane: ro`, written before the request.
struct WatchedBackends {
    SharedWord count;  // of the keys
    SharedWord keys[kMaxWatchedBackends];

    static constexpr std::uint32_t key(std::uint8_t flow_class, std::uint16_t index) {
        return std::uint32_t{flow_class} << 16 | index;
    }
};

// Every field is `dataplane: wo, control: ro`. Written by one worker. Only pages of classes that
// have had flows take memory.
struct alignas(64) FlowCensus {
    SharedWord begun;       // the number of the request that the worker follows; 0: none
    SharedWord done;        // the same number once all entries are marked
    SharedWord generation;  // by which the worker forwarded when it began
    std::uint64_t reserved;
    SharedCounter classes[kFlowClasses / 64];  // a bit for each class that has marks in this round
    SharedCounter watched[kMaxWatchedBackends];  // flows, in the order of WatchedBackends::keys
    SharedCounter indices[kFlowClasses][65536 / 64];  // a bit for each index; void without a class

    // For the worker.
    void begin(std::uint64_t request, std::uint64_t generation_in_use) {
        done.store(0);
        begun.store(request);
        std::atomic_thread_fence(std::memory_order_release);  // before any mark
        generation.store(generation_in_use);
        for (SharedCounter& word : classes)
            word.set(0);
        for (SharedCounter& flows : watched)
            flows.set(0);
    }
    void mark(std::uint8_t flow_class, std::uint16_t index) {
        SharedCounter& marked = classes[flow_class / 64];
        if (const std::uint64_t bit = bit_of(flow_class); (marked.read() & bit) == 0) {
            for (SharedCounter& word : indices[flow_class])
                word.set(0);
            marked.set(marked.read() | bit);
        }
        SharedCounter& word = indices[flow_class][index / 64];
        word.set(word.read() | bit_of(index));
    }
    void finish() { done.store(begun.load()); }

    // For control.
    bool is_done(std::uint64_t request) const {
        return done.load() == request && begun.load() == request;
    }
    // Whether what was read since is_done() is of that request, too.
    bool is_still_done(std::uint64_t request) const {
        std::atomic_thread_fence(std::memory_order_acquire);
        return begun.load() == request;
    }
    bool names(std::uint8_t flow_class, std::uint16_t index) const {
        return (classes[flow_class / 64].read() & bit_of(flow_class)) != 0 &&
               (indices[flow_class][index / 64].read() & bit_of(index)) != 0;
    }

  private:
    static constexpr std::uint64_t bit_of(std::uint32_t number) {
        return std::uint64_t{1} << number % 64;
    }
};

static_assert(sizeof(FlowCensus) == 64 + 8 * kMaxWatchedBackends + kFlowClasses * 65536 / 8);

}  // namespace vipfwd::abi
