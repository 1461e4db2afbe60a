// SPDX-License-Identifier: Apache-2.0
// Hand-over by DPDK's rings: one a worker, that all others write to.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/io/hand_over.h"

struct rte_ring;

namespace vipfwd::io {

class HandOverRings final : public HandOver {
  public:
    static Result<std::unique_ptr<HandOverRings>> create(std::uint32_t workers);
    HandOverRings(const HandOverRings&) = delete;
    HandOverRings& operator=(const HandOverRings&) = delete;
    ~HandOverRings() override;

    bool give(std::uint32_t worker, rte_mbuf* buffer, std::uint8_t port) override;
    std::uint32_t take(std::uint32_t worker, Buffers& buffers, packet::Burst& burst) override;

    // Nobody has been given anything that he has not taken.
    bool empty() const;

  private:
    HandOverRings() = default;

    std::vector<rte_ring*> rings_;
};

}  // namespace vipfwd::io
