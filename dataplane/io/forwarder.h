// SPDX-License-Identifier: Apache-2.0
// Owns everything that forwards: EAL, ports, flow tables and workers. Opens and closes them in
// order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/cpus.h"
#include "dataplane/host/kernel_wait.h"
#include "dataplane/host/memory_plan.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/handoff_rings.h"
#include "dataplane/io/ports.h"
#include "dataplane/io/worker.h"
#include "dataplane/path/exchange.h"

namespace vipfwd::io {

class Forwarder {
  public:
    // Opens everything, but does not start the workers. After an error everything is closed again.
    static Result<std::unique_ptr<Forwarder>> open(const host::BootPlan& plan,
                                                   const std::string& file_prefix,
                                                   const std::string& run_directory);
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;
    ~Forwarder();

    // Starts the workers. Requires that a snapshot was offered in exchange().
    Result<void> start();
    // Stops the workers and waits for them. Then decides all packets that they still held.
    void halt();
    // Halts, and closes the ports. An error if a capture could not be written completely.
    Result<void> stop();

    bool running() const { return running_; }
    // True if all ports are captures, and there is one to read.
    bool is_replay() const;
    // True once all captures of a replay have been processed.
    bool finished() const;

    path::Exchange& exchange() { return exchange_; }
    Ports& ports() { return ports_; }
    // See Ports::follow_interfaces().
    bool follow_interfaces();
    // Ends the workers' waits, so that they see at once what has changed.
    void wake_workers();
    // The eventfd that wakes the worker that sends adverts; -1: it never waits.
    int advert_wakeup() const { return waits_.empty() ? -1 : waits_.front()->fd(); }

  private:
    explicit Forwarder(const host::BootPlan& plan)
        : plan_(plan), ports_(plan), exchange_(plan.worker_count()) {}
    Result<void> start_eal(const host::LcorePlan& lcores, const std::string& file_prefix,
                           const std::string& run_directory);
    Result<void> open_ports();
    Result<void> make_waits();
    Result<void> make_workers();
    Worker::Setup set_up(std::uint32_t worker);
    path::KernelPort kernel_port(const PortSlot& slot, std::uint32_t worker) const;

    // In the order of opening; destroyed in the reverse order.
    host::BootPlan plan_;
    host::MemoryPlan memory_;
    std::unique_ptr<Eal> eal_;
    rte_mempool* pool_ = nullptr;  // of packet buffers
    Ports ports_;
    path::Exchange exchange_;
    std::vector<std::unique_ptr<host::KernelWait>> waits_;  // by worker; empty: none ever waits
    std::unique_ptr<HandoffRings> handoff_;                 // null if there is one worker
    std::vector<packet::FlowTable> all_flows_;  // over the memory of the workers, for peek()
    std::vector<std::unique_ptr<Worker>> workers_;
    bool running_ = false;
};

}  // namespace vipfwd::io
