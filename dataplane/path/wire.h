// SPDX-License-Identifier: Apache-2.0
// All that the stages from receive to transmit need of DPDK: what can be done with buffers, and
// with the devices they come from and go to. device_wire.h does it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/packet/frame.h"
#include "dataplane/packet/packet.h"

struct rte_mbuf;

namespace vipfwd::path {

// The buffers of a burst's frames; those that are gone (transmitted, freed, held) are null.
using Buffers = std::array<rte_mbuf*, packet::kBurstSize>;

// How to cut an IPv4 packet into fragments.
struct Cut {
    std::uint32_t l3_offset = 0;  // of the packet, within its frame
    std::uint32_t ip_length = 0;  // its bytes; what follows is padding
    std::uint32_t mtu = 0;        // bytes of a fragment at most, IP header included
};

class Wire {
  public:
    virtual ~Wire() = default;

    // The frame in a buffer. `port`: where it came in.
    virtual packet::Frame frame(rte_mbuf* buffer, std::uint8_t port) = 0;
    // Makes each buffer what rewrite made of its frame; skips null. Returns the bits of those that
    // consist of several buffers still.
    virtual std::uint32_t shape(std::span<rte_mbuf* const> buffers,
                                std::span<const packet::Frame> frames) = 0;
    // Copies a packet into fragments (RFC 791 §3.2), each with an Ethernet header's room in front
    // and a header checksum of zero. Returns how many; 0 if buffers are short. Spoils the packet.
    virtual std::uint32_t cut(rte_mbuf* buffer, const Cut& cut, std::span<rte_mbuf*> fragments) = 0;

    // A buffer with a copy of the frame; null if buffers are short.
    virtual rte_mbuf* make(std::span<const std::uint8_t> frame) = 0;

    // Takes what a device has. Returns how many buffers.
    virtual std::uint32_t receive(std::uint16_t device, std::uint16_t queue,
                                  std::span<rte_mbuf*> buffers) = 0;
    // Offers buffers to a device. Returns how many it took, from the front.
    virtual std::uint32_t send(std::uint16_t device, std::uint16_t queue,
                               std::span<rte_mbuf*> buffers) = 0;
    // Skips null.
    virtual void free(std::span<rte_mbuf*> buffers) = 0;
};

}  // namespace vipfwd::path
