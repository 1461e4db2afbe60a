// SPDX-License-Identifier: Apache-2.0
// All cross-process atomics: a word that one side writes and the other reads. Plain 8-byte integers
// in memory, so that the structs around them stay standard layout.
#pragma once

#include <atomic>
#include <cstdint>

namespace vipfwd::abi {

// Carries a decision: what was written before store() is visible after a load() that sees it.
struct SharedWord {
    std::uint64_t raw = 0;

    std::uint64_t load() const {
        return std::atomic_ref(const_cast<std::uint64_t&>(raw)).load(std::memory_order_acquire);
    }
    void store(std::uint64_t value) {
        std::atomic_ref(raw).store(value, std::memory_order_release);
    }
};

// A statistic with one writer: never torn, no ordering, no locked instruction.
struct SharedCounter {
    std::uint64_t raw = 0;

    std::uint64_t read() const {
        return std::atomic_ref(const_cast<std::uint64_t&>(raw)).load(std::memory_order_relaxed);
    }
    void set(std::uint64_t value) { std::atomic_ref(raw).store(value, std::memory_order_relaxed); }
    void add(std::uint64_t amount) { set(read() + amount); }
};

static_assert(sizeof(SharedWord) == 8 && sizeof(SharedCounter) == 8);
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);

}  // namespace vipfwd::abi
