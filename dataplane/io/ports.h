// SPDX-License-Identifier: Apache-2.0
// All ports of the dataplane: opens them, follows the kernel's interfaces, and tells the workers
// which devices to use. For the main thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/link_monitor.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/port_slot.h"
#include "dataplane/path/open_devices.h"

namespace vipfwd::io {

class Ports {
  public:
    explicit Ports(const host::BootPlan& plan);

    // Takes what the ports need of the machine, before EAL starts.
    Result<void> claim();
    // Opens all devices whose interface exists. `eal` and `pool` must outlive the ports.
    Result<void> open(Eal& eal, rte_mempool* pool);

    // Closes the ports that have lost their device and opens those that can be opened again.
    // `workers_run`: a device must not be closed before they have let go of it. True if a port was
    // closed or opened. Call it when interface_events() is readable, and about every 100 ms; every
    // 10 ms while is_any_closed().
    bool follow_interfaces(bool workers_run);
    int interface_events() const { return monitor_ ? monitor_->fd() : -1; }
    bool is_any_closed() const;
    // Closes all. An error if a capture could not be written completely.
    Result<void> close();

    path::OpenDevices& devices() { return devices_; }
    const std::vector<std::unique_ptr<PortSlot>>& slots() const { return slots_; }
    std::vector<std::uint32_t> buffer_mtus() const;  // by port number, once claimed
    std::vector<host::PortFacts> refresh_facts();
    std::vector<host::PortReading> read() const;

  private:
    PortSlot::Means means() const { return {*eal_, pool_, workers_, workers_wait_}; }

    std::uint32_t workers_;
    bool workers_wait_;
    std::vector<std::unique_ptr<PortSlot>> slots_;  // by port number
    std::set<std::size_t> closing_;                 // slots whose device the workers may still use
    std::optional<host::LinkMonitor> monitor_;
    path::OpenDevices devices_;
    Eal* eal_ = nullptr;
    rte_mempool* pool_ = nullptr;
};

}  // namespace vipfwd::io
