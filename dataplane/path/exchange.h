// SPDX-License-Identifier: Apache-2.0
// How a snapshot gets from the main thread to the workers, and back when none of them uses it any
// more. There are two: one that all workers use, and one that is filled next. A third is never
// needed, as nothing is offered before all workers have taken what was offered last.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "dataplane/abi/limits.h"
#include "dataplane/path/snapshot.h"

namespace vipfwd::path {

class Exchange {
  public:
    explicit Exchange(std::uint32_t workers);

    // For the main thread.

    // All workers use what was offered last, if anything was.
    bool settled() const;
    // The one to fill. Requires settled().
    Snapshot& next() { return *snapshots_[(current_ + 1) % 2]; }
    // Offers next() to the workers.
    void offer();
    // What was offered last, or null.
    const Snapshot* offered() const { return offered_.load(std::memory_order_relaxed); }
    // Lets go of the region that the workers no longer use. Requires settled().
    void release() { next().region.reset(); }

    // For workers, between bursts. From use() on, this worker reads no older snapshot.

    const Snapshot* newest() const { return offered_.load(std::memory_order_acquire); }
    void use(std::uint32_t worker, const Snapshot* snapshot) {
        in_use_[worker].snapshot.store(snapshot, std::memory_order_release);
    }

  private:
    struct alignas(64) InUse {
        std::atomic<const Snapshot*> snapshot = nullptr;
    };

    std::array<std::unique_ptr<Snapshot>, 2> snapshots_;
    std::uint32_t current_ = 0;
    std::uint32_t workers_;
    alignas(64) std::atomic<const Snapshot*> offered_ = nullptr;
    std::array<InUse, abi::kMaxWorkers> in_use_;
};

}  // namespace vipfwd::path
