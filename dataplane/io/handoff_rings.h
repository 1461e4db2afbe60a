// SPDX-License-Identifier: Apache-2.0
// Hand-over by DPDK's rings: one a worker, that all others write to.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/path/handoff.h"

struct rte_ring;

namespace vipfwd::io {

class HandoffRings final : public path::Handoff {
  public:
    static Result<std::unique_ptr<HandoffRings>> create(std::uint32_t workers);
    HandoffRings(const HandoffRings&) = delete;
    HandoffRings& operator=(const HandoffRings&) = delete;
    ~HandoffRings() override;

    bool give(std::uint32_t worker, rte_mbuf* buffer, std::uint8_t port) override;
    std::uint32_t take(std::uint32_t worker, path::Buffers& buffers, packet::Burst& burst) override;

    // Nobody has been given anything that he has not taken.
    bool empty() const;

  private:
    HandoffRings() = default;

    std::vector<rte_ring*> rings_;
};

}  // namespace vipfwd::io
