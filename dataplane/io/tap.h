// SPDX-License-Identifier: Apache-2.0
// A kernel interface that stands for a port. The kernel receives on it what the port receives and
// the dataplane does not want, and what the kernel sends on it leaves by the port. It exists as
// long as the process has it open.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/path/queue_wait.h"

struct rte_mempool;

namespace vipfwd::io {

class Tap {
  public:
    struct Setup {
        std::uint32_t mtu = 0;  // if the driver supports it: longer frames pass in no direction
        std::uint32_t workers = 1;
        rte_mempool* pool = nullptr;
        bool workers_wait = false;  // for packets: see wakeup()
    };
    // Configures DPDK's device, with a pair of queues for each worker, and brings the interface up.
    static Result<std::unique_ptr<Tap>> open(std::uint16_t device, const Setup& setup);
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    ~Tap();

    std::uint16_t device() const { return device_; }
    std::uint32_t longest_frame() const;
    // What ends a worker's wait for frames from the kernel.
    path::QueueWakeup wakeup(std::uint32_t worker) const {
        return worker < wakeups_.size() ? wakeups_[worker] : path::QueueWakeup{};
    }
    // Frames from the kernel that the port did not accept. Workers add to it, any thread may read
    // it.
    std::atomic<std::uint64_t>& unsent() { return unsent_; }

  private:
    Tap(std::uint16_t device, std::uint32_t mtu) : device_(device), mtu_(mtu) {}
    Result<void> configure(std::uint16_t queues, bool workers_wait);
    Result<void> set_up_queues(std::uint16_t queues, rte_mempool* pool);
    Result<void> start();

    std::uint16_t device_;
    std::uint32_t mtu_;
    std::vector<path::QueueWakeup> wakeups_;  // by worker
    std::atomic<std::uint64_t> unsent_ = 0;
};

}  // namespace vipfwd::io
