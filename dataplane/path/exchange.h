// SPDX-License-Identifier: Apache-2.0
// Passes snapshots from the main thread to the workers. There are two: all workers use one of them
// while the main thread fills the other. A third is never needed, because the main thread offers a
// snapshot only after all workers have taken the one before.
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

    // For the main thread only.

    // True if all workers use the snapshot that was offered last, or none was offered yet.
    bool settled() const;
    // The snapshot to fill. Requires settled().
    Snapshot& next() { return *snapshots_[(current_ + 1) % 2]; }
    // Offers next() to the workers.
    void offer();
    // The snapshot that was offered last, or null.
    const Snapshot* offered() const { return offered_.load(std::memory_order_relaxed); }
    // Releases the region of the snapshot that no worker uses any more. Requires settled().
    void release() { next().region.reset(); }

    // For workers, between bursts.

    const Snapshot* newest() const { return offered_.load(std::memory_order_acquire); }
    // From now on this worker reads no older snapshot.
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
