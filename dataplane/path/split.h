// SPDX-License-Identifier: Apache-2.0
// Splits IPv4 packets without "don't fragment" that would exceed the port's MTU once encapsulated.
// The packet is fragmented before encapsulation, so that the backend can unwrap each fragment by
// itself.
//
//   in    | Ethernet (tags) | IPv4 client -> VIP | 1 2 3 ... |
//   out   | Ethernet | IPv4 port -> backend | IPv4 client -> VIP, more fragments | 1 2 |
//         | Ethernet | IPv4 port -> backend | IPv4 client -> VIP, offset | 3 ... |
//
// Besides packet/rewrite.h this is the only code that writes to a frame: prepare_fragments()
// completes the headers of the fragments, and rewrite() encapsulates them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/packet/packet.h"
#include "dataplane/path/transmit.h"
#include "dataplane/path/wire.h"
#include "dataplane/path/worker_context.h"

namespace vipfwd::path {

inline constexpr std::uint32_t kMostFragments = 128;  // of one packet

// The number of fragments of at most `mtu` bytes that an IPv4 packet needs. 0 if it cannot be
// fragmented to `mtu`, or would need more than kMostFragments.
std::uint32_t count_fragments(const packet::Frame& frame, const packet::Packet& packet,
                              std::uint32_t mtu);

class Splitter {
  public:
    Splitter(Wire& wire, Transmitter& transmitter) : wire_(wire), transmitter_(transmitter) {}

    // Fragments a packet (Action::kSplit) and forwards the fragments. If it could not even create
    // the fragments, the packet becomes a drop and keeps its buffer; else `buffer` is null.
    void split(const WorkerContext& context, packet::WorkerState& state, const packet::Frame& frame,
               packet::Packet& packet, rte_mbuf*& buffer);

  private:
    void prepare_fragments(const packet::Frame& frame, const packet::Packet& packet);
    void send_fragments(const WorkerContext& context, packet::Packet& packet);
    bool commit_to_mbufs(const WorkerContext& context, packet::Packet& packet);

    Wire& wire_;
    Transmitter& transmitter_;
    // Of the packet that is being split.
    std::uint32_t count_ = 0;
    std::array<rte_mbuf*, kMostFragments> buffers_{};
    std::array<packet::Frame, kMostFragments> frames_;
    std::array<packet::Packet, kMostFragments> packets_;
};

}  // namespace vipfwd::path
