// SPDX-License-Identifier: Apache-2.0
// Which device each port uses now, from the main thread to the workers. A device may be closed, and
// another one opened for the port, while the workers run: each worker adopts the change between two
// bursts, and the main thread closes the former device only after all workers have.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/abi/limits.h"
#include "dataplane/path/queue_wait.h"
#include "dataplane/path/transmit.h"

namespace vipfwd::path {

class OpenDevices {
  public:
    using Ports = std::array<TransmitPort, abi::kMaxPorts>;  // by port number

    explicit OpenDevices(std::uint32_t workers) : workers_(workers) {}

    // For the main thread only.

    // `wakeups` by receive queue. A queue without one ends no wait.
    void set(std::size_t port, TransmitPort device, std::span<const QueueWakeup> wakeups);
    // True if all workers have adopted everything that was set.
    bool settled() const;

    // For a worker, between bursts. The worker uses no older device from then on.
    Ports adopt(std::uint32_t worker);
    // Of a receive queue of the device that was adopted last.
    QueueWakeup wakeup(std::size_t port, std::size_t queue) const {
        return wakeups_[port][queue].load(std::memory_order_relaxed);
    }
    // Whether something was set since the worker called adopt().
    bool has_news(std::uint32_t worker) const {
        return adopted_[worker].load(std::memory_order_relaxed) !=
               version_.load(std::memory_order_relaxed);
    }

  private:
    std::uint32_t workers_;
    std::array<std::atomic<TransmitPort>, abi::kMaxPorts> ports_{};
    std::array<std::array<std::atomic<QueueWakeup>, abi::kMaxQueuesPerPort>, abi::kMaxPorts>
        wakeups_{};
    std::atomic<std::uint64_t> version_ = 1;                              // raised by set()
    std::array<std::atomic<std::uint64_t>, abi::kMaxWorkers> adopted_{};  // the version, by worker
};

static_assert(std::atomic<TransmitPort>::is_always_lock_free);
static_assert(std::atomic<QueueWakeup>::is_always_lock_free);

}  // namespace vipfwd::path
