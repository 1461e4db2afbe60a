// SPDX-License-Identifier: Apache-2.0
// All that forwards: EAL, the ports, the flow tables and the workers, opened and closed in order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/cpus.h"
#include "dataplane/host/memory_plan.h"
#include "dataplane/host/port_claim.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/handoff_rings.h"
#include "dataplane/io/port.h"
#include "dataplane/io/tap.h"
#include "dataplane/io/worker.h"
#include "dataplane/path/exchange.h"

namespace vipfwd::io {

class Forwarder {
  public:
    // Everything but the workers' start. On an error all is as it was before.
    static Result<std::unique_ptr<Forwarder>> open(const host::BootPlan& plan,
                                                   const std::string& file_prefix,
                                                   const std::string& run_directory);
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;
    ~Forwarder();

    // Workers run from here on. Requires that exchange() was offered a snapshot.
    Result<void> start();
    // Waits until no worker runs any more, and nothing that one received is still undecided.
    void halt();
    // Halts, and closes the ports. An error if a capture could not be written.
    Result<void> stop();

    bool running() const { return running_; }
    // The captures of a replay are exhausted.
    bool finished() const;

    path::Exchange& exchange() { return exchange_; }
    const std::vector<std::unique_ptr<Port>>& ports() const { return ports_; }
    std::vector<host::PortFacts> facts() const;

  private:
    explicit Forwarder(const host::BootPlan& plan) : plan_(plan), exchange_(plan.worker_count()) {}
    Result<void> claim();
    Result<void> start_eal(const host::LcorePlan& lcores, const std::string& file_prefix,
                           const std::string& run_directory);
    Result<void> open_ports();
    Result<void> open_tap(Port& port, std::uint32_t number);
    Result<void> make_workers();
    Worker::Setup set_up(std::uint32_t worker) const;
    path::KernelPort kernel_port(const Port& port) const;
    bool is_replay() const;

    // In the order of opening: what comes first outlives what comes later.
    host::BootPlan plan_;
    host::MemoryPlan memory_;
    std::vector<host::PortClaim> claims_;
    std::unique_ptr<Eal> eal_;
    rte_mempool* pool_ = nullptr;  // of packet buffers, one for all
    std::vector<std::unique_ptr<Port>> ports_;
    path::Exchange exchange_;
    std::unique_ptr<HandoffRings> handoff_;     // null with one worker
    std::vector<packet::FlowTable> all_flows_;  // over the workers' memory
    std::vector<std::unique_ptr<Worker>> workers_;
    bool running_ = false;
};

}  // namespace vipfwd::io
