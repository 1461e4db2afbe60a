// SPDX-License-Identifier: Apache-2.0
// A kernel interface that stands for a port. The kernel receives on it what the port receives and
// the dataplane does not want, and what the kernel sends on it leaves by the port. It exists as
// long as the process has it open.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "dataplane/abi/result.h"

struct rte_mempool;

namespace vipfwd::io {

class Tap {
  public:
    // Configures DPDK's device, with a pair of queues for each worker, and brings the interface up.
    // Its MTU is `mtu`, or the largest that the driver supports: longer frames pass in neither
    // direction.
    static Result<std::unique_ptr<Tap>> open(std::uint16_t device, std::uint32_t mtu,
                                             std::uint32_t workers, rte_mempool* pool);
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    ~Tap();

    std::uint16_t device() const { return device_; }
    std::uint32_t longest_frame() const;
    // Frames from the kernel that the port did not accept. Workers add to it, any thread may read
    // it.
    std::atomic<std::uint64_t>& unsent() { return unsent_; }

  private:
    Tap(std::uint16_t device, std::uint32_t mtu) : device_(device), mtu_(mtu) {}
    Result<void> configure(std::uint16_t queues);
    Result<void> set_up_queues(std::uint16_t queues, rte_mempool* pool);
    Result<void> start();

    std::uint16_t device_;
    std::uint32_t mtu_;
    std::atomic<std::uint64_t> unsent_ = 0;
};

}  // namespace vipfwd::io
