// SPDX-License-Identifier: Apache-2.0
// IPv4 packets that may be fragmented and are too big once encapsulated: cut first, so that each
// fragment is a packet that the backend can unwrap by itself.
//
//   in    | Ethernet (tags) | IPv4 client -> VIP | 1 2 3 ... |
//   out   | Ethernet | IPv4 port -> backend | IPv4 client -> VIP, more fragments | 1 2 |
//         | Ethernet | IPv4 port -> backend | IPv4 client -> VIP, offset | 3 ... |
//
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

// How many fragments of at most `mtu` bytes make up the IPv4 packet. 0: it cannot be done, or would
// take too many.
std::uint32_t count_fragments(const packet::Frame& frame, const packet::Packet& packet,
                              std::uint32_t mtu);

class Splitter {
  public:
    Splitter(Wire& wire, Transmitter& transmitter) : wire_(wire), transmitter_(transmitter) {}

    // Forwards the fragments of a packet (Action::kSplit). Its buffer is gone then, or the packet
    // has become a drop.
    void split(const WorkerContext& context, packet::WorkerState& state, const packet::Frame& frame,
               packet::Packet& packet, rte_mbuf*& buffer);

  private:
    void dress(const packet::Frame& frame, const packet::Packet& packet);
    void send(const WorkerContext& context, packet::Packet& packet);
    bool shape(const WorkerContext& context, packet::Packet& packet);

    Wire& wire_;
    Transmitter& transmitter_;
    std::uint32_t count_ = 0;
    std::array<rte_mbuf*, kMostFragments> buffers_{};
    std::array<packet::Frame, kMostFragments> frames_;
    std::array<packet::Packet, kMostFragments> packets_;
};

}  // namespace vipfwd::path
