// SPDX-License-Identifier: Apache-2.0
// The last stage: from frames to the queues of ports. Knows nothing of DPDK but that there are
// buffers; wire.h does the rest.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/limits.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/tables.h"

struct rte_mbuf;

namespace vipfwd::io {

// The buffers of a burst's frames; those that are gone (transmitted, freed) are null.
using Buffers = std::array<rte_mbuf*, packet::kBurstSize>;

// What can be done with buffers.
class Wire {
  public:
    virtual ~Wire() = default;

    // Makes each buffer what rewrite made of its frame. Returns the bits of those that consist of
    // several buffers still.
    virtual std::uint32_t shape(std::span<rte_mbuf* const> buffers,
                                std::span<const packet::Frame> frames) = 0;
    // Offers buffers to a device. Returns how many it took, from the front.
    virtual std::uint32_t send(std::uint16_t device, std::uint16_t queue,
                               std::span<rte_mbuf*> buffers) = 0;
    // Skips null.
    virtual void free(std::span<rte_mbuf*> buffers) = 0;
};

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

  private:
    // What leaves by one port.
    struct Outgoing {
        std::uint32_t count = 0;
        Buffers buffers;
        std::array<std::uint8_t, packet::kBurstSize> places;  // in the burst
    };

    void sort(const packet::Tables& tables, const Buffers& buffers, packet::Burst& burst);
    void send(std::uint32_t port, Buffers& buffers, packet::Burst& burst,
              abi::WorkerCounters& counters);

    Wire& wire_;
    std::vector<TransmitPort> ports_;
    std::uint16_t queue_;
    std::array<Outgoing, abi::kMaxPorts> outgoing_;
};

}  // namespace vipfwd::io
