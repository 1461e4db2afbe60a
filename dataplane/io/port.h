// SPDX-License-Identifier: Apache-2.0
// An open port: a DPDK device that receives and transmits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/port_claim.h"
#include "dataplane/host/port_facts.h"
#include "dataplane/host/xdp_footprint.h"
#include "dataplane/io/tap.h"

struct rte_mempool;

namespace vipfwd::io {

class Port {
  public:
    // Configures and starts the device, with a transmit queue for each worker and the receive
    // queues of the plan. `claim` must outlive the port. The buffers of `pool` are large enough for
    // an MTU of `buffer_mtu`.
    static Result<std::unique_ptr<Port>> open(const host::PortPlan& plan, host::PortClaim& claim,
                                              std::uint16_t device, std::uint32_t workers,
                                              rte_mempool* pool, std::uint32_t buffer_mtu);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    std::uint16_t device() const { return device_; }
    // True if the device transmits frames that consist of several mbufs.
    bool takes_chains() const { return takes_chains_; }
    // By receive queue: what a worker can wait for packets with, see OpenDevices::set(). Empty if
    // the driver has nothing of the kind.
    std::span<const int> sockets() const { return sockets_; }

    // The tap to the kernel, or null.
    Tap* tap() const { return tap_.get(); }
    void set_tap(std::unique_ptr<Tap> tap) { tap_ = std::move(tap); }

    // The current facts. Those of a kernel interface may change while it is in use.
    host::PortFacts facts() const;
    host::PortReading read() const;

    // Stops and closes the device, which no worker may use any more. An error if a capture could
    // not be written completely.
    Result<void> close();

  private:
    Port(const host::PortPlan& plan, host::PortClaim& claim, std::uint16_t device,
         rte_mempool* pool, std::uint32_t buffer_mtu)
        : plan_(plan), claim_(claim), device_(device), pool_(pool), buffer_mtu_(buffer_mtu) {}
    Result<void> configure(std::uint32_t workers);
    Result<void> set_up_queues(std::uint32_t workers);
    Result<void> open_queues(std::uint32_t workers);
    Result<void> start();
    Result<void> set_mtu();
    Result<void> set_mac();
    Result<void> take_multicast();
    void free_buffers_of_sockets();
    std::uint32_t transmit_queues(std::uint32_t workers) const;

    host::PortPlan plan_;
    host::PortClaim& claim_;
    std::uint16_t device_;
    rte_mempool* pool_;
    std::uint32_t buffer_mtu_;
    std::optional<host::XdpFootprint> footprint_;  // of an af_xdp port, once it has queues
    std::vector<int> sockets_;                     // of an af_xdp port, by receive queue
    std::unique_ptr<Tap> tap_;
    abi::Fd multicast_;  // keeps take_all_multicast() in effect
    bool takes_chains_ = false;
    bool made_promiscuous_ = false;
    bool open_ = true;
    std::uint64_t transmit_offloads_ = 0;
};

}  // namespace vipfwd::io
