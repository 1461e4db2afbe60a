// SPDX-License-Identifier: Apache-2.0
// Hand-off by DPDK's rings: each worker has one, into which all others write.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/host/kernel_wait.h"
#include "dataplane/path/handoff.h"

struct rte_ring;

namespace vipfwd::io {

class HandoffRings final : public path::Handoff {
  public:
    // `waits` by worker: ended when the worker is given a frame. Empty: no worker waits.
    static Result<std::unique_ptr<HandoffRings>> create(
        std::uint32_t workers, std::span<const std::unique_ptr<host::KernelWait>> waits);
    HandoffRings(const HandoffRings&) = delete;
    HandoffRings& operator=(const HandoffRings&) = delete;
    ~HandoffRings() override;

    bool give(std::uint32_t worker, rte_mbuf* buffer, std::uint8_t port) override;
    std::uint32_t take(std::uint32_t worker, path::Buffers& buffers, packet::Burst& burst) override;
    bool has_frames(std::uint32_t worker) const override;

  private:
    HandoffRings() = default;

    std::vector<rte_ring*> rings_;
    std::vector<host::KernelWait*> waits_;
};

}  // namespace vipfwd::io
