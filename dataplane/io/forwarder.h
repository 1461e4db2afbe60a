// SPDX-License-Identifier: Apache-2.0
// All that forwards: EAL, the ports, the flow tables and the workers, opened and closed in order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/io/boot.h"
#include "dataplane/io/claim.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/exchange.h"
#include "dataplane/io/hand_over_rings.h"
#include "dataplane/io/lcores.h"
#include "dataplane/io/memory.h"
#include "dataplane/io/port.h"
#include "dataplane/io/tap.h"
#include "dataplane/io/worker.h"

namespace vipfwd::io {

class Forwarder {
  public:
    // Everything but the workers' start. On an error all is as it was before.
    static Result<std::unique_ptr<Forwarder>> open(const BootPlan& plan,
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

    Exchange& exchange() { return exchange_; }
    const std::vector<std::unique_ptr<Port>>& ports() const { return ports_; }
    std::vector<PortFacts> facts() const;

  private:
    explicit Forwarder(const BootPlan& plan) : plan_(plan), exchange_(plan.worker_count()) {}
    Result<void> claim();
    Result<void> start_eal(const LcorePlan& lcores, const std::string& file_prefix,
                           const std::string& run_directory);
    Result<void> open_ports();
    Result<void> open_tap(Port& port, std::uint32_t number);
    Result<void> make_workers();
    Worker::Setup set_up(std::uint32_t worker) const;
    KernelPort kernel_port(const Port& port) const;
    bool is_replay() const;

    // In the order of opening: what comes first outlives what comes later.
    BootPlan plan_;
    MemoryPlan memory_;
    std::vector<PortClaim> claims_;
    std::unique_ptr<Eal> eal_;
    rte_mempool* pool_ = nullptr;  // of packet buffers, one for all
    std::vector<std::unique_ptr<Port>> ports_;
    Exchange exchange_;
    std::unique_ptr<HandOverRings> hand_over_;  // null with one worker
    std::vector<packet::FlowTable> all_flows_;  // over the workers' memory
    std::vector<std::unique_ptr<Worker>> workers_;
    bool running_ = false;
};

}  // namespace vipfwd::io
