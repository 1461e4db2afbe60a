// SPDX-License-Identifier: Apache-2.0
// DPDK's buffers and devices, as transmit uses them.
#pragma once

#include "dataplane/io/transmit.h"

namespace vipfwd::io {

class DeviceWire final : public Wire {
  public:
    std::uint32_t shape(std::span<rte_mbuf* const> buffers,
                        std::span<const packet::Frame> frames) override;
    std::uint32_t send(std::uint16_t device, std::uint16_t queue,
                       std::span<rte_mbuf*> buffers) override;
    void free(std::span<rte_mbuf*> buffers) override;
};

}  // namespace vipfwd::io
