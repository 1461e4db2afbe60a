// SPDX-License-Identifier: Apache-2.0
// The last stage: from frames to the queues of ports.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/limits.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/path/wire.h"

namespace vipfwd::path {

struct TransmitPort {
    std::uint16_t device = 0;
    bool takes_chains = false;  // frames in several buffers
};

class Transmitter {
  public:
    // Uses the same queue number on every port.
    Transmitter(Wire& wire, std::vector<TransmitPort> ports, std::uint16_t queue)
        : wire_(wire), ports_(std::move(ports)), queue_(queue) {}

    // Sends what is forwarded or answered and frees the rest: no buffer of the burst remains. What
    // a port would not take becomes a drop.
    void transmit(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst,
                  abi::WorkerCounters& counters);
    // The same for what nearly every burst is: all is forwarded by one port. False, and nothing has
    // left, if it is any other.
    bool transmit_common(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst,
                         abi::WorkerCounters& counters);

    // Offers buffers to a port, again if its queue is full. Returns how many it took, from the
    // front.
    std::uint32_t offer(std::uint32_t port, std::span<rte_mbuf*> buffers);
    bool takes_chains(std::uint32_t port) const { return ports_[port].takes_chains; }

  private:
    // What leaves by one port.
    struct Outgoing {
        std::uint32_t count = 0;
        Buffers buffers;
        std::array<std::uint8_t, packet::kBurstSize> places;  // in the burst
    };

    void sort(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst);
    void send(std::uint32_t port, std::span<rte_mbuf*> buffers,
              std::span<const std::uint8_t> places, packet::Burst& burst,
              abi::WorkerCounters& counters);

    Wire& wire_;
    std::vector<TransmitPort> ports_;
    std::uint16_t queue_;
    std::array<Outgoing, abi::kMaxPorts> outgoing_;
};

}  // namespace vipfwd::path
