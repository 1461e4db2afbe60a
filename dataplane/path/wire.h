// SPDX-License-Identifier: Apache-2.0
// The interface between the packet path and DPDK: operations on packet buffers (mbufs), and on the
// devices that receive and send them. io/device_wire.h implements it; unit tests have a fake.
// Outside an implementation a buffer is an opaque pointer.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/packet/frame.h"
#include "dataplane/packet/packet.h"

struct rte_mbuf;

namespace vipfwd::path {

// The buffers of the frames of a burst, at the same indices. A buffer that has been transmitted,
// freed, held or handed off is null.
using Buffers = std::array<rte_mbuf*, packet::kBurstSize>;

// How to fragment an IPv4 packet.
struct Fragmentation {
    std::uint32_t l3_offset = 0;  // of the packet within its frame
    std::uint32_t ip_length = 0;  // bytes of the packet; padding follows
    std::uint32_t mtu = 0;        // maximum bytes of a fragment, IP header included
};

class Wire {
  public:
    virtual ~Wire() = default;

    // The frame in a buffer. `port` is the port that received it.
    virtual packet::Frame frame(rte_mbuf* buffer, std::uint8_t port) = 0;
    // Copies start and length of each frame into its buffer; rewrite has changed them in the frame
    // only. Skips null. Bit i of the result: buffers[i] is still a chain of several mbufs.
    virtual std::uint32_t commit_to_mbufs(std::span<rte_mbuf* const> buffers,
                                          std::span<const packet::Frame> frames) = 0;
    // Copies an IPv4 packet into fragments (RFC 791 §3.2). Each begins with room for an Ethernet
    // header, and its IP checksum is zero. Returns the number of fragments, or 0 if there are not
    // enough free buffers. The packet in `buffer` is unusable afterwards.
    virtual std::uint32_t fragment(rte_mbuf* buffer, const Fragmentation& how,
                                   std::span<rte_mbuf*> fragments) = 0;

    // Copies a frame into a new buffer. Null if no buffer is free.
    virtual rte_mbuf* copy_to_buffer(std::span<const std::uint8_t> frame) = 0;

    // Receives up to buffers.size() frames without waiting. Returns their number.
    virtual std::uint32_t receive(std::uint16_t device, std::uint16_t queue,
                                  std::span<rte_mbuf*> buffers) = 0;
    // Passes buffers to a device. Returns how many it accepted, counted from the front; it owns
    // these from now on.
    virtual std::uint32_t send(std::uint16_t device, std::uint16_t queue,
                               std::span<rte_mbuf*> buffers) = 0;
    // Frees buffers. Skips null.
    virtual void free(std::span<rte_mbuf*> buffers) = 0;

    // Makes a device interrupt when a packet arrives in a receive queue from now on: it may do so
    // once, or until disarm(). False: it does not.
    virtual bool arm(std::uint16_t device, std::uint16_t queue) = 0;
    virtual void disarm(std::uint16_t device, std::uint16_t queue) = 0;
};

}  // namespace vipfwd::path
