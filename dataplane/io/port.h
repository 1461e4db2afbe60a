// SPDX-License-Identifier: Apache-2.0
// An open port: a DPDK device that receives and transmits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/port_claim.h"
#include "dataplane/host/port_facts.h"
#include "dataplane/host/xdp_footprint.h"
#include "dataplane/io/tap.h"
#include "dataplane/path/queue_wait.h"

struct rte_mempool;

namespace vipfwd::io {

class Port {
  public:
    struct Setup {
        std::uint32_t workers = 1;
        rte_mempool* pool = nullptr;
        std::uint32_t buffer_mtu = 0;  // the buffers of `pool` are large enough for it
        bool workers_wait = false;     // for packets: see wakeups()
    };
    // Configures and starts the device, with a transmit queue for each worker and the receive
    // queues of the plan. `claim` must outlive the port.
    static Result<std::unique_ptr<Port>> open(const host::PortPlan& plan, host::PortClaim& claim,
                                              std::uint16_t device, const Setup& setup);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    std::uint16_t device() const { return device_; }
    // True if the device transmits frames that consist of several mbufs.
    bool takes_chains() const { return takes_chains_; }
    // By receive queue: what ends a worker's wait. Of a driver that cannot, the queues have no
    // descriptor. Empty if workers do not wait.
    std::span<const path::QueueWakeup> wakeups() const { return wakeups_; }
    // Why the device does not work with receive interrupts, although its driver has them; or empty.
    const std::string& interrupt_fault() const { return interrupt_fault_; }

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
         const Setup& setup)
        : plan_(plan), claim_(claim), device_(device), setup_(setup) {}
    Result<void> start();
    Result<void> try_to_start(bool with_interrupts);
    Result<void> configure(bool with_interrupts);
    Result<void> set_up_queues();
    Result<void> open_queues();
    Result<void> take_addresses();
    Result<void> set_mtu();
    Result<void> set_mac();
    Result<void> take_multicast();
    void free_buffers_of_sockets();
    std::uint32_t transmit_queues() const;

    host::PortPlan plan_;
    host::PortClaim& claim_;
    std::uint16_t device_;
    Setup setup_;
    std::optional<host::XdpFootprint> footprint_;  // of an af_xdp port, once it has queues
    std::vector<path::QueueWakeup> wakeups_;
    std::string interrupt_fault_;
    std::unique_ptr<Tap> tap_;
    abi::Fd multicast_;  // keeps take_all_multicast() in effect
    bool takes_chains_ = false;
    bool made_promiscuous_ = false;
    bool open_ = true;
    std::uint64_t transmit_offloads_ = 0;
};

}  // namespace vipfwd::io
