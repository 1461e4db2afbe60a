// SPDX-License-Identifier: Apache-2.0
// The Wire of DPDK's buffers and devices.
#pragma once

#include "dataplane/path/wire.h"

struct rte_mempool;

namespace vipfwd::io {

// The frame in a buffer that a device, or another worker, delivered.
packet::Frame frame_of(rte_mbuf* buffer, std::uint8_t port);

class DeviceWire final : public path::Wire {
  public:
    // Takes new buffers from `pool`.
    explicit DeviceWire(rte_mempool* pool) : pool_(pool) {}

    packet::Frame frame(rte_mbuf* buffer, std::uint8_t port) override;
    std::uint32_t commit_to_mbufs(std::span<rte_mbuf* const> buffers,
                                  std::span<const packet::Frame> frames) override;
    std::uint32_t fragment(rte_mbuf* buffer, const path::Fragmentation& how,
                           std::span<rte_mbuf*> fragments) override;
    rte_mbuf* copy_to_buffer(std::span<const std::uint8_t> frame) override;
    std::uint32_t receive(std::uint16_t device, std::uint16_t queue,
                          std::span<rte_mbuf*> buffers) override;
    std::uint32_t send(std::uint16_t device, std::uint16_t queue,
                       std::span<rte_mbuf*> buffers) override;
    void free(std::span<rte_mbuf*> buffers) override;
    bool arm(std::uint16_t device, std::uint16_t queue) override;
    void disarm(std::uint16_t device, std::uint16_t queue) override;

  private:
    rte_mempool* pool_;
};

}  // namespace vipfwd::io
