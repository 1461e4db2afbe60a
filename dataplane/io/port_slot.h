// SPDX-License-Identifier: Apache-2.0
// A port of the boot plan, whether its device is open or not. A port on a kernel interface waits
// for the interface, closes when it loses it, and opens again: a slot outlives the devices that it
// has.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/port_claim.h"
#include "dataplane/host/port_facts.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/port.h"
#include "dataplane/path/transmit.h"

namespace vipfwd::io {

class PortSlot {
  public:
    using Clock = std::chrono::steady_clock;

    // What a device is opened with.
    struct Means {
        Eal& eal;
        rte_mempool* pool;
        std::uint32_t workers;
        bool workers_wait;  // for packets, see Port::wakeups()
    };

    // `number` is that of the port.
    PortSlot(const host::PortPlan& plan, std::uint32_t number) : plan_(plan), number_(number) {}
    PortSlot(const PortSlot&) = delete;
    PortSlot& operator=(const PortSlot&) = delete;

    // For the start of the process. An interface that does not exist is no error: the slot stays
    // closed. claim() takes what the port needs of the machine, before EAL starts.
    Result<void> claim();
    Result<void> open(const Means& means);

    // Opens a slot that is closed, if its interface exists and the next attempt is due. Logs
    // success, and each new reason for failure. True if the slot is open now.
    bool try_to_open(const Means& means);
    // Why an open slot must be closed: its device is no longer the interface of the configured
    // name, or has lost the steering program. Empty: it need not. `removed` has the numbers of
    // interfaces that have left this network namespace.
    std::string find_loss(std::span<const int> removed);
    // Closes the device, which no worker may use any more. An error if a capture could not be
    // written completely.
    Result<void> close(Eal& eal);

    const host::PortPlan& plan() const { return plan_; }
    Port* port() const { return port_.get(); }  // null: closed
    bool has_input() const { return claim_ && claim_->input() >= 0; }
    // The MTU that buffers must be large enough for, once claimed.
    std::uint32_t buffer_mtu() const { return buffer_mtu_; }
    path::TransmitPort device() const;
    std::span<const path::QueueWakeup> wakeups() const;  // of the open device

    // Those of a closed port are the last ones that it had.
    const host::PortFacts& facts() const { return facts_; }
    void refresh_facts();
    host::PortReading read();

  private:
    host::DeviceFacts device_facts() const;
    Result<void> open_device(const Means& means);
    Result<void> open_tap(const Means& means);
    void tell_of_naps() const;
    bool has_interface() const;
    void read_queues(Clock::time_point now);
    void warn_of_mtu();

    host::PortPlan plan_;
    std::uint32_t number_;
    std::uint32_t buffer_mtu_ = 0;
    std::optional<host::PortClaim> claim_;
    host::DeviceName name_;  // of the open device
    std::unique_ptr<Port> port_;
    std::uint32_t program_ = 0;  // number of the steering program; 0: none
    host::PortFacts facts_;
    host::PortReading former_;      // counters of the devices before this one
    std::uint32_t warned_mtu_ = 0;  // that is too large for the port, as last logged
    std::string failure_;           // of the last attempt, as logged
    Clock::time_point next_attempt_{};
    Clock::time_point next_check_{};
};

}  // namespace vipfwd::io
