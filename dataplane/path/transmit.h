// SPDX-License-Identifier: Apache-2.0
// The transmit stage: from the frames of a burst to the transmit queues of ports.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/drop_reason.h"
#include "dataplane/abi/limits.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"
#include "dataplane/path/wire.h"

namespace vipfwd::path {

inline constexpr std::uint16_t kNoDevice = 0xffff;

struct alignas(4) TransmitPort {       // read and written as a whole, see open_devices.h
    std::uint16_t device = kNoDevice;  // kNoDevice: the port is closed
    bool takes_chains = true;          // transmits frames that consist of several mbufs
};

class Transmitter {
  public:
    // `ports` by port number. Uses queue number `queue` of every port.
    Transmitter(Wire& wire, std::vector<TransmitPort> ports, std::uint16_t queue)
        : wire_(wire), ports_(std::move(ports)), queue_(queue) {}

    // Packets of a burst, from index `first` on and before `end`.
    struct Range {
        std::uint32_t first;
        std::uint32_t end;
    };
    // Sends those packets of the range that are forwarded or answered, and frees the buffers of the
    // others. A packet that its port does not accept becomes a drop. The burst owns no buffer of
    // the range afterwards.
    void transmit(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst, Range range,
                  abi::WorkerCounters& counters);
    // Fast path of transmit(): all packets of the burst are forwarded by the same port. Returns
    // false, and has sent nothing, for any other burst.
    bool transmit_common(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst,
                         abi::WorkerCounters& counters);

    // `ports` replace those that were used so far, by port number.
    void use_ports(std::span<const TransmitPort> ports) {
        std::copy_n(ports.begin(), ports_.size(), ports_.begin());
    }

    // Passes buffers to a port, with a limited number of retries while its queue is full. Returns
    // how many it accepted, counted from the front; the caller keeps the others.
    std::uint32_t offer(std::uint32_t port, std::span<rte_mbuf*> buffers);
    // Why offer() accepts less than all.
    abi::DropReason refusal(std::uint32_t port) const {
        return ports_[port].device == kNoDevice ? abi::DropReason::kPortClosed
                                                : abi::DropReason::kTransmitFull;
    }
    bool takes_chains(std::uint32_t port) const { return ports_[port].takes_chains; }

  private:
    // The packets of a burst that leave by one port.
    struct Outgoing {
        std::uint32_t count = 0;
        Buffers buffers;
        std::array<std::uint8_t, packet::kBurstSize> indices;  // of the packets in the burst
    };

    void sort_by_port(const packet::Tables& tables, Buffers& buffers, packet::Burst& burst,
                      Range range);
    void send(std::uint32_t port, std::span<rte_mbuf*> buffers,
              std::span<const std::uint8_t> indices, packet::Burst& burst,
              abi::WorkerCounters& counters);

    Wire& wire_;
    std::vector<TransmitPort> ports_;
    std::uint16_t queue_;
    std::array<Outgoing, abi::kMaxPorts> outgoing_;
};

}  // namespace vipfwd::path
