// SPDX-License-Identifier: Apache-2.0
// An open port.
#pragma once

#include <cstdint>
#include <memory>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/port_claim.h"
#include "dataplane/host/port_facts.h"
#include "dataplane/io/tap.h"

struct rte_mempool;

namespace vipfwd::io {

class Port {
  public:
    // Configures and starts the device: a transmit queue for each worker, receive queues as
    // planned. `claim` outlives it.
    static Result<std::unique_ptr<Port>> open(const host::PortPlan& plan,
                                              const host::PortClaim& claim, std::uint16_t device,
                                              std::uint32_t workers, rte_mempool* pool);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    const host::PortPlan& plan() const { return plan_; }
    std::uint16_t device() const { return device_; }
    // It transmits frames in several buffers too.
    bool takes_chains() const { return takes_chains_; }
    bool has_input() const { return claim_.input() >= 0; }

    // Its way to the kernel, or null.
    Tap* tap() const { return tap_.get(); }
    void give_tap(std::unique_ptr<Tap> tap) { tap_ = std::move(tap); }

    // As they are now: a kernel interface's may change while it is in use.
    host::PortFacts facts() const;
    host::PortReading read() const;

    // Stops the device. An error if a capture could not be written whole.
    Result<void> close();

  private:
    Port(const host::PortPlan& plan, const host::PortClaim& claim, std::uint16_t device)
        : plan_(plan), claim_(claim), device_(device) {}
    Result<void> configure(std::uint32_t workers);
    Result<void> set_up_queues(std::uint32_t workers, rte_mempool* pool);
    Result<void> start();
    Result<void> set_mtu();
    Result<void> set_mac();
    Result<void> take_multicast();
    bool is_interface() const;
    std::uint32_t transmit_queues(std::uint32_t workers) const;

    host::PortPlan plan_;
    const host::PortClaim& claim_;
    std::uint16_t device_;
    std::unique_ptr<Tap> tap_;
    abi::Fd multicast_;  // see take_all_multicast
    bool takes_chains_ = false;
    bool made_promiscuous_ = false;
    bool open_ = true;
    std::uint64_t transmit_offloads_ = 0;
};

}  // namespace vipfwd::io
